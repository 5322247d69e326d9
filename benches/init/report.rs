//! The table, within 100 columns.

use crate::function::{Vendor, Way};
use crate::rounds::Times;

pub(crate) fn print(times: &[Times], rounds: usize) {
    println!();
    println!("{:<48} {:>8} {:>8} {:>8}", "ms from the start to the first request", "p10", "median", "p90");
    for of in times {
        row(&format!("{}: {}", of.vendor.name(), of.way.name()), of.milliseconds.clone());
    }
    println!();
    println!("{:<48} {:>8} {:>8} {:>8}", "ms, differences within a round", "p10", "median", "p90");
    for vendor in Vendor::ALL {
        let of = |way| times.iter().find(|times| times.vendor == vendor && times.way == way);
        let (Some(plain), Some(script), Some(forerun)) = (of(Way::Plain), of(Way::Script), of(Way::Forerun)) else {
            continue;
        };
        let saved = row(&format!("{}: saved by forerun", vendor.name()), differences(script, forerun));
        let agent = row(&format!("{}: what is left of the agent", vendor.name()), differences(forerun, plain));
        let ratio = median(forerun.milliseconds.clone()) / median(script.milliseconds.clone());
        let part = saved / (saved + agent) * 100.0;
        let what = format!("{}: x the script's init", vendor.name());
        println!("{what:<48} {ratio:>17.2}   {part:.0} % of what the agent adds is saved");
    }
    println!();
    println!(
        "{rounds} interleaved rounds under AWS's emulator, which measures the init itself: from the start of the\n\
         bootstrap to the runtime's first request for an invocation. All files are in the page cache."
    );
}

/// Prints a row and gives back the median.
fn row(what: &str, milliseconds: Vec<f64>) -> f64 {
    let [p10, median, p90] = quantiles(milliseconds);
    println!("{what:<48} {p10:>8.1} {median:>8.1} {p90:>8.1}");
    median
}

fn differences(longer: &Times, shorter: &Times) -> Vec<f64> {
    longer.milliseconds.iter().zip(&shorter.milliseconds).map(|(longer, shorter)| longer - shorter).collect()
}

fn median(milliseconds: Vec<f64>) -> f64 {
    quantiles(milliseconds)[1]
}

fn quantiles(mut milliseconds: Vec<f64>) -> [f64; 3] {
    milliseconds.sort_by(f64::total_cmp);
    let last = milliseconds.len().saturating_sub(1) as f64;
    [0.1, 0.5, 0.9].map(|part| milliseconds.get((last * part).round() as usize).copied().unwrap_or(f64::NAN))
}
