/** The function: hears SIGTERM. */
public final class App {
    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("SIGTERM was heard")));
    }

    public static String handle(String event) {
        return "{\"event\":" + event + ",\"runtime\":\"java\"}";
    }
}
