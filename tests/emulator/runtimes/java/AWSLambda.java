package com.amazonaws.services.lambda.runtime.api.client;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/**
 * A small client of the Runtime API under the name of the managed runtime's main class: it takes
 * the handler, Class::method, from its last argument only and loads it from the task directory.
 */
public final class AWSLambda {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String API =
            "http://" + System.getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime";

    public static void main(String[] args) throws Exception {
        Method handler;
        try {
            handler = load(args[args.length - 1]);
        } catch (Exception e) {
            post("/init/error", describe(e));
            System.exit(1);
            return;
        }
        while (true) {
            HttpResponse<String> invocation = send(request("/invocation/next").GET());
            String id = invocation.headers().firstValue("Lambda-Runtime-Aws-Request-Id").get();
            String route = "/invocation/" + id;
            try {
                post(route + "/response", (String) handler.invoke(null, invocation.body()));
            } catch (InvocationTargetException e) {
                post(route + "/error", describe(e.getCause()));
            }
        }
    }

    private static Method load(String handler) throws Exception {
        URL[] task = {Path.of(System.getenv("LAMBDA_TASK_ROOT")).toUri().toURL()};
        String[] parts = handler.split("::");
        // A class alone is one of the runtime's own interfaces.
        String method = parts.length > 1 ? parts[1] : "handleRequest";
        return new URLClassLoader(task).loadClass(parts[0]).getMethod(method, String.class);
    }

    private static void post(String route, String body) throws Exception {
        send(request(route).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpRequest.Builder request(String route) {
        return HttpRequest.newBuilder(URI.create(API + route));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String describe(Throwable error) {
        String text = error.toString().replace("\\", "\\\\").replace("\"", "\\\"");
        return "{\"errorType\":\"" + error.getClass().getName()
                + "\",\"errorMessage\":\"" + text + "\"}";
    }
}
