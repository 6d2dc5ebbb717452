//! What most commands are called on.

use crate::folder::{Folder, SHOP};

impl Folder {
    /// The files of a folder, sorted.
    pub(crate) fn list(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path().join(path)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// A small project: a composite, an instance of it in the language and one in YAML.
pub(crate) const PROJECT: &[(&str, &str)] = &[
    SHOP[0],
    SHOP[1],
    ("src/one.tess", "use shop.store.{ Store }\n\nStore one {\n  size: 1\n}\n"),
    (
        "instances/two.yaml",
        "apiVersion: example.acme/v1\nkind: Store\nmetadata:\n  name: two\n  namespace: shops\nspec:\n  size: 2\n",
    ),
];
