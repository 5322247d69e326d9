package lambdainternal;

/** The main class of Java 11 and earlier: the newer client, but for the handler, which comes from _HANDLER only. */
public final class AWSLambda {
    public static void main(String[] args) throws Exception {
        Class<?> client = Class.forName("com.amazonaws.services.lambda.runtime.api.client.AWSLambda");
        Object handler = new String[] {System.getenv("_HANDLER")};
        client.getMethod("main", String[].class).invoke(null, handler);
    }
}
