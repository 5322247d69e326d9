//! Handler redirects: the function's handler is kept in a variable and another takes its place, in `_HANDLER` and in
//! an argv that carries it.

use super::{Assignment, Planner};
use crate::problem::{Code, Origin, Problem, ProfileId, printable};
use crate::profile::Redirect;

impl<'p> Planner<'p, '_> {
    pub(super) fn redirect(
        &mut self,
        profile: ProfileId,
        redirect: &'p Redirect,
        edits: &mut Vec<Assignment<'p>>,
    ) -> Result<(), Problem> {
        let origin = Origin { profile, span: redirect.span };
        let to = self.text(profile, &redirect.to);
        let in_argv = self.state.argv.handler().map(|argument| argument.text.clone());
        let Some(current) = in_argv.or_else(|| self.state.env.filled(b"_HANDLER").map(<[u8]>::to_vec)) else {
            let text = "there is no handler to redirect: `_HANDLER` is empty and argv carries none";
            self.warn(Code::NoHandler, profile, redirect.span, text);
            return Ok(());
        };
        if current == to || to.is_empty() {
            return Ok(());
        }
        if let Some((_, other)) = self.state.redirects.iter().find(|(original, _)| *original == redirect.original) {
            let message = format!(
                "two redirects keep the old handler in `{}`, so the first one would be lost; the other is at {}",
                printable(&redirect.original),
                self.library.locate(*other)
            );
            return Err(Problem::at(Code::HandlerConflict, origin, message)
                .help("leave one of the two profiles out, with FORERUN_SKIP for instance"));
        }
        self.state.redirects.push((redirect.original.clone(), origin));
        if let Some(argument) = self.state.argv.handler_mut() {
            argument.text.clone_from(&to);
            argument.origin = Some(origin);
        }
        edits.push((&redirect.original, redirect.span, Some(current)));
        edits.push((b"_HANDLER", redirect.span, Some(to)));
        Ok(())
    }
}
