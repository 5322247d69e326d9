import sun.misc.Signal;
import sun.misc.SignalHandler;

/** The function: does what the event says. */
public final class App {
    public static String handle(String event) throws Exception {
        if (event.contains("sleep")) {
            Thread.sleep(60000);
        } else if (event.contains("crash")) {
            Runtime.getRuntime().halt(7);
        } else if (event.contains("exit")) {
            Runtime.getRuntime().halt(0);
        } else if (event.contains("ignore SIGTERM")) {
            Signal.handle(new Signal("TERM"), SignalHandler.SIG_IGN);
        }
        return event.replace("\"do\"", "\"done\"");
    }
}
