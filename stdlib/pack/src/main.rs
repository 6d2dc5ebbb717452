//! `tessera-schema-pack OUTPUT VERSION=MODULE…`: packs the published API of one
//! or more releases of Kubernetes, each given with the folder of its Go module
//! `k8s.io/kubernetes`. See `stdlib/schemas/update.sh`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tessera_schema_pack::model::Release;
use tessera_schema_pack::{Result, enums, openapi, pack};

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
        return Err("give OUTPUT and then VERSION=MODULE for each release".into());
    };
    let mut read = releases.iter().map(|release| read_release(release)).collect::<Result<Vec<_>>>()?;
    read.sort_by_cached_key(|release| numbers(&release.version));
    let bytes = pack(&read)?;
    std::fs::write(output, &bytes).map_err(|e| format!("{output}: {e}"))?;
    Ok(format!("{}{} bytes in {output}", read.iter().map(summary).collect::<String>(), bytes.len()))
}

fn summary(release: &Release) -> String {
    let Release { version, definitions, kinds } = release;
    format!("{version}: {} definitions, {} kinds\n", definitions.len(), kinds.len())
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

fn read_release(argument: &str) -> Result<Release> {
    let (version, module) = argument.split_once('=').ok_or_else(|| format!("{argument}: VERSION=MODULE is meant"))?;
    let module = Path::new(module);
    let enums = enums::read(&text(&module.join("pkg/generated/openapi/zz_generated.openapi.go"))?)?;
    let mut files = Vec::new();
    for path in json_files(&module.join("api/openapi-spec/v3"))? {
        files.push(openapi::parse(&text(&path)?).map_err(|e| format!("{}: {e}", path.display()))?);
    }
    openapi::read(version, &files, &enums)
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths = entries
        .map(|entry| entry.map(|e| e.path()).map_err(|e| e.to_string()))
        .filter(|path| path.as_ref().map_or(true, |p| p.extension().is_some_and(|e| e == "json")))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
