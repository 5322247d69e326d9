//! End to end: the launcher under AWS's Lambda emulator, in front of real language runtimes.
//!
//! Every test runs one function in its own namespaces, where /opt, /var/task, /var/runtime and
//! /var/lang are as on Lambda. What the machine lacks is fetched once into the build directory;
//! a test whose parts cannot be had says so and passes, unless `CI` is set.

#![expect(
    clippy::disallowed_methods,
    reason = "a test is no part of the pure plan: it starts programs and writes files"
)]

mod cases;
mod examples;
mod graceful;
mod interpreters;
mod namespace;
mod parts;
mod ready;
mod real_sidecars;
mod runtimes;
mod sandbox;
mod sidecars;
mod watched;

use ready::python::{
    adot as adot_python, debug as debug_python, elastic as elastic_python, handlers as handlers_python,
    otel as otel_python, two_vendors as two_vendors_python,
};
use ready::{
    debuggers, dotnet_profilers, java_agents, malloc, nodejs, options, proxies, ruby_layer, secrets, serve,
    two_proxies, web_adapter,
};

/// One module of tests per runtime, so that a failure names both: `ruby::redirect_handler`.
macro_rules! tests {
    ($($runtime:ident: $($from:ident { $($case:ident)+ })+;)+) => {$(
        mod $runtime {$($(
            #[test]
            fn $case() {
                crate::cases::run(
                    concat!(stringify!($runtime), "-", stringify!($case)),
                    crate::runtimes::$runtime,
                    crate::$from::$case,
                );
            }
        )+)+}
    )+};
}

tests! {
    python:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command absent_wrapper layer_packages
        }
        examples {
            importtime_bash importtime_python proxy_nodejs proxy_go proxy_rust proxy_firetail proxy_live_lambda
            proxy_gg proxy_lpr redis_cache otlp_collector
        }
        real_sidecars {
            redis_tcp redis_unix redis_notify redis_unsupervised nginx nginx_unsupervised memcached haproxy
            limits_and_directories
        }
        graceful { unheard numbers_taken price }
        web_adapter { nginx_server traced_python_server }
        serve { serve_redis serve_nothing }
        malloc {
            jemalloc jemalloc_of_this_architecture jemalloc_of_another_architecture jemalloc_without_layer
        }
        secrets { with_another_profile with_further_wrapper without_secret }
        proxies { runtime_api_proxy firetail live_lambda lpr merloc }
        options { importtime }
        otel_python { otel_spans otel_attributes otel_starts_one_python otel_unread_variables }
        handlers_python { datadog_trace newrelic_payload }
        debug_python { debugpy }
        elastic_python { elastic_events }
        two_vendors_python { otel_then_datadog datadog_then_otel }
        adot_python {
            adot_spans adot_without_signals adot_fast_start adot_starts_one_python adot_unread_variables
        };
    python_newer:
        examples { graceful_shutdown }
        graceful { alone with_sidecar };
    python_image:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        examples { importtime_bash importtime_python }
        otel_python { otel_image }
        adot_python { adot_image }
        handlers_python { datadog_trace newrelic_payload }
        debug_python { debugpy_on_chosen_port };
    node:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        graceful { alone with_sidecar }
        debuggers { inspector inspector_elsewhere inspector_behind_npx }
        nodejs {
            otel_commonjs otel_module otel_module_by_package adot_commonjs adot_module adot_module_by_package
            adot_light_commonjs adot_light_module adot_image imported
        }
        two_proxies { one_behind_the_other one_alone }
        web_adapter { node_server traced_node_server no_program absent_program plain_program }
        malloc { jemalloc }
        options { import };
    java:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        graceful { alone with_sidecar }
        debuggers { jdb jdb_elsewhere }
        java_agents {
            otel adot new_relic new_relic_slim elastic datadog otel_and_datadog otel_and_new_relic no_agents
            elastic_without_shared_archive fast_startup compilers_of_the_jvm wrapped_handlers
            handlers_wrapped_by_former_layers older_java no_certificate_check new_relic_with_secrets
            datadog_in_image adot_legacy
        }
        malloc { jemalloc }
        options { exclude_args };
    ruby:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        examples { frozen_string_ruby }
        graceful { alone with_sidecar }
        malloc { jemalloc }
        ruby_layer { otel otel_without_layer otel_with_frozen_strings };
    dotnet:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        malloc { jemalloc }
        dotnet_profilers {
            adot adot_in_image adot_without_profiler datadog datadog_in_image datadog_without_tracer
            two_profilers
        };
}
