import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The function: answers with what agents did to it, and how its JVM was started. */
public final class App {
    /** Agents write their names here whenever {@link #asked} is called. */
    public static final List<String> AGENTS = new ArrayList<>();

    private static final String[] FLAGS = {"TieredCompilation", "TieredStopAtLevel"};

    public static String handle(String event) throws Exception {
        AGENTS.clear();
        asked();
        String argv = Files.readString(Path.of("/proc/self/cmdline"));
        return "{\"event\":" + event
                + ",\"env\":" + json(System.getenv())
                + ",\"argv\":" + json(List.of(argv.split("\0")))
                + ",\"options\":" + json(ManagementFactory.getRuntimeMXBean().getInputArguments())
                + ",\"flags\":" + json(flags())
                + ",\"agents\":" + json(AGENTS)
                + "}";
    }

    static void asked() {}

    private static Map<String, String> flags() {
        HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return Stream.of(FLAGS).collect(Collectors.toMap(flag -> flag, flag -> jvm.getVMOption(flag).getValue()));
    }

    private static String json(Map<String, String> map) {
        return map.entrySet().stream()
                .map(e -> json(e.getKey()) + ":" + json(e.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String json(List<String> list) {
        return list.stream().map(App::json).collect(Collectors.joining(",", "[", "]"));
    }

    private static String json(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
