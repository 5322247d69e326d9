/** The handler that a profile puts in front of the function's own. */
public final class Redirected {
    public static String handle(String event) throws Exception {
        return "{" + App.members(event)
                + ",\"redirected\":true,\"original\":" + App.json(System.getenv("ORIG_HANDLER"))
                + "}";
    }
}
