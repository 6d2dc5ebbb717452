//! The thread on which compilations are made and given back. An allocator that keeps a heap for each
//! thread, as glibc's does, finds the memory of the last one there for the next; and what is given
//! back by one thread while another takes keeps that waiting. The last one is given back after the next
//! one: nobody waits then.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// The stack of the thread, in bytes.
const STACK: usize = 16 << 20;

/// So much waits for the next compilation to be given back after it; more is given back at once.
const OLD: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// Who compiles; the thread ends when nobody holds this any more.
pub(crate) struct Compiler {
    todo: Arc<Todo>,
    /// Nothing where no thread was to be had: then whoever asks compiles.
    thread: Option<ThreadId>,
}

#[derive(Default)]
struct Todo {
    list: Mutex<List>,
    more: Condvar,
}

#[derive(Default)]
struct List {
    jobs: Vec<Job>,
    old: Vec<Box<dyn Any + Send>>,
    over: bool,
}

impl Compiler {
    pub(crate) fn new() -> Self {
        let todo = Arc::new(Todo::default());
        let work = {
            let todo = todo.clone();
            move || todo.work()
        };
        let thread = thread::Builder::new().name("compiler".to_owned()).stack_size(STACK).spawn(work);
        Self { todo, thread: thread.ok().map(|thread| thread.thread().id()) }
    }

    /// Runs a job on the thread, and waits for it. Of those that wait here, the last is done first:
    /// the newest text is what somebody looks at.
    pub(crate) fn run<R: Send + 'static>(&self, job: impl FnOnce() -> R + Send + 'static) -> R {
        if self.thread.is_none_or(|thread| thread == thread::current().id()) {
            return job();
        }
        let (sender, receiver) = sync_channel(1);
        let job: Job = Box::new(move || {
            // Whoever waited may be gone.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(job)));
        });
        self.todo.list().jobs.push(job);
        self.todo.more.notify_one();
        match receiver.recv() {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(error) => resume_unwind(Box::new(error.to_string())),
        }
    }

    /// Gives the memory of something back after the next job.
    pub(crate) fn give_back(&self, old: impl Send + 'static) {
        if self.thread.is_some() {
            let mut list = self.todo.list();
            list.old.push(Box::new(old));
            if list.old.len() > OLD {
                self.todo.more.notify_one();
            }
        }
    }
}

impl Drop for Compiler {
    fn drop(&mut self) {
        self.todo.list().over = true;
        self.todo.more.notify_one();
    }
}

impl Todo {
    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut list = self.list();
        loop {
            if !list.old.is_empty() && (list.jobs.is_empty() || list.old.len() > OLD) {
                let old = std::mem::take(&mut list.old);
                drop(list);
                drop(old);
                list = self.list();
            } else if let Some(job) = list.jobs.pop() {
                drop(list);
                job();
                list = self.list();
            } else if list.over {
                return;
            } else {
                list = self.more.wait(list).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_run_on_one_thread_wherever_they_are_asked_for() {
        let compiler = Arc::new(Compiler::new());
        let thread = compiler.run(|| thread::current().id());
        assert_ne!(thread, thread::current().id());
        let inner = compiler.clone();
        assert_eq!(compiler.run(move || inner.run(|| thread::current().id())), thread);
        let panic = catch_unwind(AssertUnwindSafe(|| compiler.run(|| panic!("no"))));
        assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"no"));
        assert_eq!(compiler.run(|| 1), 1);
    }

    #[test]
    fn what_is_given_back_is_gone_after_the_next_job() {
        let compiler = Compiler::new();
        let one = Arc::new(());
        compiler.give_back(one.clone());
        compiler.run(|| ());
        while Arc::strong_count(&one) > 1 {
            thread::yield_now();
        }
        // Without a job, only much of it.
        (0..=OLD).for_each(|_| compiler.give_back(one.clone()));
        while Arc::strong_count(&one) > 1 {
            thread::yield_now();
        }
    }
}
