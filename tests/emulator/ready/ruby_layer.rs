//! The profiles for Ruby, with a handler of our own at the vendor's place.

use serde_json::Value;

use super::with_profiles;
use crate::cases::{answer, invoke};
use crate::runtimes::Runtime;

/// A handler by its absolute path is loaded from the layer, and finds the function's own.
pub(crate) fn otel(runtime: &Runtime, name: &str) {
    for profile in ["otel-ruby", "otel"] {
        let sandbox = with_profiles(profile, runtime, name);
        sandbox.write("layer/wrapper.rb", include_str!("ruby_layer/wrapper.rb"));
        let answer = answer(&invoke(runtime, &sandbox));
        assert_eq!(answer["wrapped"], true);
        assert_eq!(answer["handler"], "/opt/wrapper.otel_wrapper");
        assert_eq!(answer["env"]["ORIG_HANDLER"], runtime.handler);
        assert_eq!(answer["env"]["OTEL_SERVICE_NAME"], "test_function");
    }
}

/// A layer that was forgotten: the function's own handler answers.
pub(crate) fn otel_without_layer(runtime: &Runtime, name: &str) {
    let outcome = invoke(runtime, &with_profiles("otel-ruby", runtime, name));
    let answer = answer(&outcome);
    assert_eq!(answer["handler"], runtime.handler);
    assert_eq!(answer["wrapped"], Value::Null);
    assert!(outcome.log.contains("/opt/wrapper.rb is missing"), "{}", outcome.log);
}

/// The handler of a layer and options of the interpreter do not mind each other.
pub(crate) fn otel_with_frozen_strings(runtime: &Runtime, name: &str) {
    let sandbox = with_profiles("otel-ruby,ruby-frozen-strings", runtime, name);
    sandbox.write("layer/wrapper.rb", include_str!("ruby_layer/wrapper.rb"));
    let answer = answer(&invoke(runtime, &sandbox));
    assert_eq!([&answer["wrapped"], &answer["option"]], [true, true]);
}
