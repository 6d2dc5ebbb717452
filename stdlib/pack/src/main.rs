//! `tessera-schema-pack OUTPUT VERSION=KUBERNETES,API…`: packs the published API
//! of one or more releases of Kubernetes, each given with the folders of its Go
//! modules `k8s.io/kubernetes` and `k8s.io/api`. See `stdlib/schemas/update.sh`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tessera_schema_pack::model::{KindName, Life, Release};
use tessera_schema_pack::{Result, enums, lives, openapi, pack};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(summary) => {
            eprintln!("{summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tessera-schema-pack: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<String> {
    let [output, releases @ ..] = arguments else {
        return Err("give OUTPUT and then VERSION=KUBERNETES,API for each release".into());
    };
    let mut read = releases.iter().map(|release| read_release(release)).collect::<Result<Vec<_>>>()?;
    read.sort_by_cached_key(|release| numbers(&release.version));
    let bytes = pack(&read)?;
    std::fs::write(output, &bytes).map_err(|e| format!("{output}: {e}"))?;
    Ok(format!("{}{} bytes in {output}", read.iter().map(summary).collect::<String>(), bytes.len()))
}

fn summary(release: &Release) -> String {
    let Release { version, definitions, kinds, lives } = release;
    format!("{version}: {} definitions, {} kinds, {} lives\n", definitions.len(), kinds.len(), lives.len())
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

fn read_release(argument: &str) -> Result<Release> {
    let parts = argument.split_once('=').and_then(|(version, modules)| Some((version, modules.split_once(',')?)));
    let (version, (module, api)) = parts.ok_or_else(|| format!("{argument}: VERSION=KUBERNETES,API is meant"))?;
    let module = Path::new(module);
    let enums = enums::read(&text(&module.join("pkg/generated/openapi/zz_generated.openapi.go"))?)?;
    let mut files = Vec::new();
    for path in json_files(&module.join("api/openapi-spec/v3"))? {
        files.push(openapi::parse(&text(&path)?).map_err(|e| format!("{}: {e}", path.display()))?);
    }
    let mut release = openapi::read(version, &files, &enums)?;
    release.lives = read_lives(Path::new(api))?;
    Ok(release)
}

/// The lives that the packages of `k8s.io/api` tell, `GROUP/VERSION` each.
fn read_lives(api: &Path) -> Result<BTreeMap<KindName, Life>> {
    let mut lives = lives::elsewhere();
    for group in entries(api)? {
        for package in entries(&group)? {
            let source = package.join("zz_generated.prerelease-lifecycle.go");
            if !source.is_file() {
                continue;
            }
            let version = package.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let of_package = lives::read(version, &text(&package.join("register.go"))?, &text(&source)?);
            lives.extend(of_package.map_err(|e| format!("{}: {e}", source.display()))?);
        }
    }
    Ok(lives)
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = entries(folder)?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    Ok(paths)
}

/// What lies in a folder, sorted; nothing where it is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(told)?;
    let mut paths = entries.map(|entry| entry.map(|e| e.path()).map_err(told)).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
