import org.aspectj.lang.annotation.Aspect;
import org.aspectj.lang.annotation.Before;

/** What AspectJ's agent weaves into the function. */
@Aspect
public final class Woven {
    @Before("execution(static void App.asked())")
    public void sayThatItIsThere() {
        App.AGENTS.add("AspectJ");
    }
}
