// The function as an ES module.
import { work } from "./work.cjs";

export const handler = async (event) => work(event);
