import java.lang.instrument.Instrumentation;

/** Starts Byteman without any options, as vendors' agents are started: its rule is in the jar. */
public final class BytemanWithRule {
    public static void premain(String options, Instrumentation instrumentation) throws Exception {
        org.jboss.byteman.agent.Main.premain("resourcescript:agent.btm", instrumentation);
    }
}
