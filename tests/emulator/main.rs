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
mod real_sidecars;
mod runtimes;
mod sandbox;
mod sidecars;
mod watched;

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
        graceful { unheard numbers_taken price };
    python_newer:
        examples { graceful_shutdown }
        graceful { alone with_sidecar };
    python_image:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        examples { importtime_bash importtime_python };
    node:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        graceful { alone with_sidecar };
    java:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        graceful { alone with_sidecar };
    ruby:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        }
        examples { frozen_string_ruby }
        graceful { alone with_sidecar };
    dotnet:
        cases {
            bypass built_in_default set_variable edit_argv redirect_handler failing_profile absent_command
            plain_command
        };
}
