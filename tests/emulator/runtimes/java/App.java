import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The function: answers with what it sees of the process it runs in. */
public final class App {
    public static String handle(String event) throws Exception {
        return "{" + members(event) + "}";
    }

    static String members(String event) throws Exception {
        String argv = Files.readString(Path.of("/proc/self/cmdline"));
        return "\"env\":" + json(System.getenv())
                + ",\"argv\":" + json(argv.split("\0"))
                + ",\"handler\":" + json(System.getenv("_HANDLER"))
                + ",\"event\":" + event
                + ",\"hook\":" + json(hook())
                + ",\"option\":" + json(System.getProperty("forerun.test"));
    }

    /** What the agent's rule changes. */
    static String hook() {
        return null;
    }

    static String json(Map<String, String> map) {
        return map.entrySet().stream()
                .map(e -> json(e.getKey()) + ":" + json(e.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    static String json(String[] list) {
        return Stream.of(list).map(App::json).collect(Collectors.joining(",", "[", "]"));
    }

    /** Enough of JSON for what a test puts into a variable or an argument. */
    static String json(String text) {
        if (text == null) {
            return "null";
        }
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
