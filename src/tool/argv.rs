//! The argv in a story: what Lambda gave and what the runtime gets, as a difference.

use super::layout::{length, pad, wrap_value};
use super::secrets::Shown;
use super::story::{Story, WIDTH};
use crate::plan::Plan;
use crate::problem::Origin;

/// So many unchanged arguments in a row are written out.
const UNCHANGED: usize = 4;

/// An argument that the runtime gets, or that it would have got.
pub(super) struct Argument {
    /// `+` came, `-` went, a space: it stayed.
    pub(super) sign: char,
    pub(super) text: Shown,
    pub(super) origin: Option<Origin>,
}

impl Story<'_> {
    /// The section on argv; empty when it is as it was.
    pub(super) fn arguments(&self, plan: &Plan<'_>) -> String {
        let place = |origin: Option<Origin>| origin.map_or_else(String::new, |origin| self.place(origin));
        let line = |argument: Argument| (argument.sign, argument.text.to_string(), place(argument.origin));
        let lines: Vec<(char, String, String)> = self.argv(plan).into_iter().map(line).collect();
        if lines.iter().all(|line| line.0 == ' ') {
            return String::new();
        }
        let places = lines.iter().map(|line| length(&line.2)).max().unwrap_or(0);
        let room = WIDTH.saturating_sub(places + 6);
        let column = lines.iter().filter(|line| line.0 != ' ').map(|line| length(&line.1)).max().unwrap_or(0).min(room);
        let mut text = self.heading("argv");
        let mut number = 0;
        while number < lines.len() {
            let run = lines[number..].iter().take_while(|line| line.0 == ' ').count();
            if run > UNCHANGED {
                // The first of a run and the last tell where the change is.
                text.push_str(&format!("    {}\n", wrap_value(&lines[number].1, WIDTH - 4).join("\n    ")));
                text.push_str(&self.paint.faint(format!("    … {} more unchanged\n", run - 2)));
                number += run - 1;
            }
            let (sign, argument, place) = &lines[number];
            let room = if place.is_empty() { WIDTH - 4 } else { room };
            for (line, part) in wrap_value(argument, room).iter().enumerate() {
                let (sign, place) = if line == 0 { (*sign, &place[..]) } else { (' ', "") };
                let line = format!("  {}  {}", self.signed(sign, &pad(part, column)), self.paint.faint(place));
                text.push_str(line.trim_end());
                text.push('\n');
            }
            number += 1;
        }
        text
    }

    /// The arguments in their order, those that are gone before those that came in their place.
    pub(super) fn argv(&self, plan: &Plan<'_>) -> Vec<Argument> {
        let whole = |sign, text: &[u8], origin| Argument { sign, text: Shown::Whole(text.to_vec()), origin };
        let mut arguments: Vec<Argument> = Vec::new();
        let old: Vec<&[u8]> = self.start.argv.iter().map(|argument| argument.to_bytes()).collect();
        let mut gone: Vec<&(Vec<u8>, Origin)> = plan.argv.dropped.iter().collect();
        let mut origin_of_gone = |text: &[u8]| {
            let at = gone.iter().position(|(dropped, _)| dropped == text)?;
            Some(gone.remove(at).1)
        };
        let (mut next, mut added) = (0, Vec::new());
        for argument in plan.argv.iter() {
            match argument.origin {
                Some(origin) => {
                    let text = self.secrets.argument(&argument.text, origin);
                    added.push(Argument { sign: '+', text, origin: Some(origin) });
                }
                None => {
                    let Some(ahead) = old[next..].iter().position(|old| *old == argument.text) else {
                        // `args.command` has it a second time.
                        added.push(whole('+', &argument.text, None));
                        continue;
                    };
                    for dropped in &old[next..next + ahead] {
                        arguments.push(whole('-', dropped, origin_of_gone(dropped)));
                    }
                    next += ahead + 1;
                    arguments.append(&mut added);
                    arguments.push(whole(' ', &argument.text, None));
                }
            }
        }
        arguments.extend(old[next..].iter().map(|dropped| whole('-', dropped, origin_of_gone(dropped))));
        arguments.append(&mut added);
        arguments
    }
}
