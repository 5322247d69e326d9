// The same for ES modules, which are not seen without the loader.
import { register } from "node:module";

register("import-in-the-middle/hook.mjs", import.meta.url);
await import("./wrapper.js");
