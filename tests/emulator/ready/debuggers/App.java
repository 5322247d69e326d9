/** The function: its answer is what a debugger makes of it. */
public final class App {
    public static String handle(String event) {
        int doubled = 2 * Integer.parseInt(event.replaceAll("\\D", ""));
        return "{\"doubled\":" + doubled + "}"; // breakpoint
    }
}
