//! The tables, within 100 columns.

use crate::count::Counts;
use crate::growth::Row;
use crate::rivals::{Kind, Launcher};
use crate::time::{Cold, Overhead};

/// Ratios are what can be compared between machines.
const TARGET_OF_STATIC_C: f64 = 0.22;
const TARGET_OF_BASH: f64 = 0.10;
const TARGET_GROWTH_MICROSECONDS: f64 = 10_000.0;

pub(crate) fn methods(launchers: &[Launcher], times: &[Overhead], counts: &[Counts], rounds: usize, cpu: usize) {
    let median = |kind| {
        launchers.iter().position(|launcher| launcher.kind == kind).map_or(f64::NAN, |index| times[index].median)
    };
    let (unit, bash) = (median(Kind::StaticC), median(Kind::Bash));

    println!();
    println!(
        "{:<24} {:>7} {:>7} {:>6} {:>6} {:>11} {:>6} {:>6} {:>7} {:>8}",
        "launcher", "us", "p90", "x C", "x bash", "instr.", "calls", "faults", "peak KB", "bytes"
    );
    for ((launcher, time), counts) in launchers.iter().zip(times).zip(counts) {
        println!(
            "{:<24} {:>7.0} {:>7.0} {:>6.2} {:>6.2} {:>11} {:>6} {:>6} {:>7} {:>8}",
            launcher.label,
            time.median,
            time.p90,
            time.median / unit,
            time.median / bash,
            or_dash(counts.instructions),
            or_dash(counts.system_calls),
            counts.page_faults,
            counts.peak_kilobytes,
            or_dash(counts.bytes),
        );
    }

    println!();
    println!(
        "us: over a direct start of the final program, median and 90th percentile of {rounds} interleaved rounds\n\
         on CPU {cpu}; python and ruby in every tenth round. x C: the static C row is the unit.\n\
         instr.: up to the failing exec of a program that is not there, so the error message is in it,\n\
         except for forerun, which runs with FORERUN_LOG=off. calls: own and final execve included.\n\
         faults: minor page faults over a direct start. peak KB: largest resident set before the final exec."
    );
    if let Some(with_message) = counts.iter().find_map(|c| c.instructions_with_message) {
        println!("forerun with the error message: {with_message} instructions.");
    }
    println!();
    let forerun = median(Kind::Forerun);
    target("time x static C", forerun / unit, TARGET_OF_STATIC_C);
    target("time x bash", forerun / bash, TARGET_OF_BASH);
}

/// The ratio to static C rests on this figure, which is the hypervisor's and not ours.
pub(crate) fn cpuid(microseconds: f64) {
    println!();
    println!(
        "One CPUID instruction takes {microseconds:.2} us here. A glibc 2.36 program starts with some 68 of them, so\n\
         {:.0} us of static C are the hypervisor's; bash and python pay them too, forerun does not.\n\
         The targets were set where one takes 7 us.",
        microseconds * 68.0
    );
}

pub(crate) fn cold(rows: &[Cold]) {
    println!();
    println!("{:<24} {:>7} {:>7}   launcher's file not in the page cache", "cold", "us", "p90");
    for row in rows {
        match row.overhead {
            Some(time) => println!("{:<24} {:>7.0} {:>7.0}", row.label, time.median, time.p90),
            None => println!("{:<24} {:>7} {:>7}   not evicted on this file system", row.label, "-", "-"),
        }
    }
}

pub(crate) fn growth(rows: &[Row]) {
    println!();
    println!(
        "{:<24} {:>12} {:>12} {:>12}   us over a direct start, median of 5",
        "growth of forerun", "environment", "profile", "arguments"
    );
    for row in rows {
        println!("{:<24} {:>12.0} {:>12.0} {:>12.0}", row.size, row.environment, row.profile, row.arguments);
    }
    if let Some(last) = rows.last() {
        println!();
        target("us with the most variables", last.environment, TARGET_GROWTH_MICROSECONDS);
    }
}

fn target(what: &str, found: f64, limit: f64) {
    let verdict = if found <= limit { "ok" } else { "OVER" };
    println!("{verdict:<5} {what:<28} {found:>9.2}, target at most {limit}");
}

fn or_dash(number: Option<u64>) -> String {
    number.map_or("-".to_owned(), |number| number.to_string())
}
