//! Processes that make trials, one after the other: to start this program takes as long as the rest of a trial.
#![expect(clippy::disallowed_methods, reason = "starts this program again")]

use std::io::{self, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::job::{Answer, INIT, Job};
use super::messages;

/// Those that were started and have nothing to do: there are as many as trials were made at the same time.
#[derive(Debug, Default)]
pub(super) struct Workers(Mutex<Vec<Worker>>);

impl Workers {
    /// Has one trial made.
    pub(super) fn carry_out(&self, job: &Job) -> Answer {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let failed = |error: io::Error| format!("the trial cannot be started: {error}");
        let mut worker = idle.map_or_else(Worker::start, Ok).map_err(failed)?;
        let answer = worker.carry_out(job)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        answer
    }
}

#[derive(Debug)]
struct Worker {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    fn start() -> io::Result<Worker> {
        // By its name in /proc this program is found even if its file was replaced meanwhile.
        let mut process = Command::new("/proc/self/exe")
            .arg0(INIT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let answers = BufReader::new(process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?);
        Ok(Worker { process, answers })
    }

    /// # Errors
    ///
    /// There is no answer. The worker has ended or is of no use any more.
    fn carry_out(&mut self, job: &Job) -> Result<Answer, String> {
        let told = self.process.stdin.as_mut().map_or(Ok(()), |jobs| messages::write(job, jobs));
        let answer = told.and_then(|()| messages::read(&mut self.answers));
        match answer {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(self.without_answer("it ended")),
            Err(error) => Err(self.without_answer(&error.to_string())),
        }
    }

    fn without_answer(&mut self, why: &str) -> String {
        // Nobody waits for a worker that goes on: its end is what tells most.
        let _ = self.process.kill();
        let status = self.process.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        format!("the process that makes the trials gave no answer ({why}, {status}): is memory short?")
    }
}

impl Drop for Worker {
    /// Ends the process: `wait` closes its standard input, and so there are no more jobs. What its last trial left
    /// behind is gone then, too.
    fn drop(&mut self) {
        let _ = self.process.wait();
    }
}
