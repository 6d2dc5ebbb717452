//! The files of a git revision, read without a checkout: `git ls-tree` tells what
//! there is, one `git cat-file --batch` gives what is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use tessera_compiler::source::{FileError, MAX_FILE_BYTES};

use crate::failure::{Failure, Outcome, reason};
use crate::paths::{absolute, relative};
use crate::walk::{MAX_ENTRIES, PROJECT_FILE};

/// The longest record of a listing; no path is as long.
const MAX_RECORD: u64 = 1 << 16;

/// A revision, as its files are seen from a folder.
#[derive(Debug)]
pub(crate) struct Revision {
    /// The folder, absolute, as the user names it.
    root: PathBuf,
    /// The same below the top of the repository, with `/`, as an absolute path.
    prefix: PathBuf,
    /// Name and size of the contents of each file, by path below the top.
    files: BTreeMap<String, (String, u64)>,
    reader: Mutex<Reader>,
}

/// The process that gives contents.
#[derive(Debug)]
struct Reader {
    child: Child,
    /// Closed first, which ends the process.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Revision {
    /// The revision of the repository that a folder lies in.
    ///
    /// # Errors
    /// When git is missing, the folder is in no repository, or there is no such revision.
    pub(crate) fn open(root: &Path, name: &str) -> Outcome<Self> {
        let near = root.ancestors().find(|folder| folder.is_dir()).unwrap_or(root);
        let top = match answer(near, &["rev-parse", "--show-toplevel"])? {
            Ok(top) => PathBuf::from(top.trim_end_matches('\n')),
            Err(why) if why.contains("not a git repository") => {
                return Err(Failure::call(format!(
                    "`{name}` is no folder, and `{}` is in no git repository that could have such a revision",
                    root.display()
                )));
            }
            Err(why) => return Err(Failure::World(format!("git: {why}"))),
        };
        let commit = commit_of(&top, name)?;
        let real = near.canonicalize().unwrap_or_else(|_| near.to_owned());
        let real = absolute(&real, Path::new(&relative(near, root)));
        let below = real.strip_prefix(&top).unwrap_or(Path::new(""));
        Ok(Self {
            root: root.to_owned(),
            prefix: Path::new("/").join(below),
            files: list(&top, &commit)?,
            reader: Mutex::new(Reader::start(&top)?),
        })
    }

    /// The name of a file below the top of the repository.
    fn name(&self, path: &Path) -> String {
        let inside = absolute(&self.prefix, Path::new(&relative(&self.root, path)));
        inside.to_string_lossy().trim_start_matches('/').to_owned()
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.files.contains_key(&self.name(path))
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &Path) -> Result<Arc<str>, FileError> {
        let (object, size) = self.files.get(&self.name(path)).ok_or(FileError::NotFound)?;
        if *size > MAX_FILE_BYTES as u64 {
            return Err(FileError::TooLarge(*size));
        }
        let mut reader = self.reader.lock().map_err(|_| FileError::Unreadable("git failed before".to_owned()))?;
        let octets =
            reader.read(object, *size).map_err(|error| FileError::Unreadable(format!("git: {}", reason(&error))))?;
        let text = String::from_utf8(octets).map_err(|error| FileError::NotUtf8(error.utf8_error().valid_up_to()))?;
        Ok(Arc::from(text))
    }

    /// The files below a folder with one of these endings, less those that a walk of
    /// the disk leaves out, too: hidden ones, `target`, caches, projects inside.
    pub(crate) fn below(&self, folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
        let top = self.name(folder);
        let start = if top.is_empty() { String::new() } else { format!("{top}/") };
        let inside =
            || self.files.range(start.clone()..).map(|(path, _)| path).take_while(|path| path.starts_with(&start));
        let marks = |path: &&str| matches!(path.rsplit_once('/'), Some((_, PROJECT_FILE | "CACHEDIR.TAG")));
        let rest = |path: &String| path.get(start.len()..).unwrap_or_default().to_owned();
        let all: Vec<String> = inside().map(rest).collect();
        let closed: BTreeSet<&str> =
            all.iter().map(String::as_str).filter(marks).filter_map(|p| Some(p.rsplit_once('/')?.0)).collect();
        let open = |path: &str| {
            let hidden = path.split('/').any(|part| part.starts_with('.'));
            let mut folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            !hidden && !path.starts_with("target/") && !folders.any(|folder| closed.contains(folder))
        };
        let wanted = |path: &&String| {
            let name = path.rsplit('/').next().unwrap_or_default();
            endings.iter().any(|e| name.strip_suffix(e).is_some_and(|stem| stem.ends_with('.'))) && open(path)
        };
        all.iter().filter(wanted).map(|path| folder.join(path)).collect()
    }
}

impl Reader {
    fn start(top: &Path) -> Outcome<Self> {
        let mut child = git(top, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| missing(&error))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let answers = answers.ok_or_else(|| Failure::World("cannot talk to git".to_owned()))?;
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    fn read(&mut self, object: &str, size: u64) -> std::io::Result<Vec<u8>> {
        let broken = || std::io::Error::other("it gave another answer than was asked for");
        let questions = self.questions.as_mut().ok_or_else(broken)?;
        questions.write_all(format!("{object}\n").as_bytes())?;
        questions.flush()?;
        let mut header = Vec::new();
        self.answers.by_ref().take(MAX_RECORD).read_until(b'\n', &mut header)?;
        if String::from_utf8_lossy(&header).trim_end() != format!("{object} blob {size}") {
            return Err(broken());
        }
        let mut octets = Vec::new();
        self.answers.by_ref().take(size + 1).read_to_end(&mut octets)?;
        if octets.pop() != Some(b'\n') || octets.len() as u64 != size {
            return Err(broken());
        }
        Ok(octets)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.child.wait();
    }
}

fn git(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    // Messages are compared; nothing in the user's repository is touched.
    command.arg("-C").arg(folder).args(args).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    command
}

fn missing(error: &std::io::Error) -> Failure {
    Failure::World(format!("cannot run git, which is needed to read a revision: {}", reason(error)))
}

/// What git prints; its first complaint where it refuses.
fn answer(folder: &Path, args: &[&str]) -> Outcome<Result<String, String>> {
    let output = git(folder, args).stdin(Stdio::null()).output().map_err(|error| missing(&error))?;
    if output.status.success() {
        return Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()));
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let first = complaint.lines().next().unwrap_or("it failed without a word");
    Ok(Err(first.trim_start_matches("fatal: ").to_owned()))
}

fn commit_of(top: &Path, name: &str) -> Outcome<String> {
    let unknown =
        || Failure::call(format!("`{name}` is neither a folder nor a revision of the repository `{}`", top.display()));
    if name.is_empty() || name.starts_with('-') || name.contains('\0') {
        return Err(unknown());
    }
    let found = answer(top, &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])?;
    found.map(|commit| commit.trim().to_owned()).map_err(|_| unknown())
}

/// All files of a commit. Links, and the contents of submodules, are not among them.
fn list(top: &Path, commit: &str) -> Outcome<BTreeMap<String, (String, u64)>> {
    let mut child = git(top, &["ls-tree", "-r", "-z", "-l", "--full-tree", commit])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| missing(&error))?;
    let failed = |error: &std::io::Error| Failure::World(format!("cannot read from git: {}", reason(error)));
    let mut out = BufReader::new(child.stdout.take().ok_or_else(|| Failure::World("cannot talk to git".to_owned()))?);
    let (mut files, mut count) = (BTreeMap::new(), 0);
    loop {
        let mut record = Vec::new();
        let read = out.by_ref().take(MAX_RECORD).read_until(0, &mut record).map_err(|error| failed(&error))?;
        if read == 0 {
            break;
        }
        count += 1;
        if count > MAX_ENTRIES {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Failure::call(format!("the revision has more than {MAX_ENTRIES} files, which is too many")));
        }
        if let Some((path, object, size)) = file_of(&record) {
            files.insert(path, (object, size));
        }
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(files),
        Ok(_) => Err(Failure::World(format!("git cannot list the files of {commit}"))),
        Err(error) => Err(failed(&error)),
    }
}

/// A record `mode type object size\tpath`, where it is a plain file.
fn file_of(record: &[u8]) -> Option<(String, String, u64)> {
    let text = std::str::from_utf8(record.strip_suffix(&[0])?).ok()?;
    let (about, path) = text.split_once('\t')?;
    let mut words = about.split_whitespace();
    let (mode, _, object, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    mode.starts_with("100").then_some((path.to_owned(), object.to_owned(), size.parse().ok()?))
}
