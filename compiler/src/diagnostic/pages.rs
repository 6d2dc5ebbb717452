//! The pages that explain the codes, one file each in `docs/errors`.
//!
//! A page is Markdown of this form, which the tests read:
//!
//! ````text
//! # E0301: type mismatch
//!
//! What it means, why it is so, what to do: three to eight lines.
//!
//! ## Wrong
//!
//! ```tess
//! let replicas: Int = "two"
//! ```
//!
//! ## Right
//!
//! ```tess
//! let replicas: Int = 2
//! ```
//! ````
//!
//! The blocks under a heading are files of one project: `tess`, `yaml` or
//! `toml`, the first named `main.tess` unless its first line says otherwise,
//! `// file: tenant.yaml` or `# file: tessera.toml`. What stands under Wrong
//! gives this code and no other, what stands under Right gives none. What no
//! file can show is a `console` block: the command and what it answers.

use super::Code;

macro_rules! pages {
    ($($id:literal)*) => {
        /// The page of a code, whole.
        #[must_use]
        pub fn page(code: &Code) -> Option<&'static str> {
            match code.id {
                $($id => Some(include_str!(concat!("../../../docs/errors/", $id, ".md"))),)*
                _ => None,
            }
        }
    };
}

pages! {
    "E0001" "E0002" "E0003" "E0004" "E0005"
    "E0101" "E0102" "E0103" "E0104" "E0105" "E0106" "E0107" "E0108"
    "E0201" "E0202" "E0203" "E0204" "E0205" "E0206" "E0207" "E0208" "E0209"
    "E0301" "E0302" "E0303" "E0304" "E0305" "E0306" "E0307" "E0308" "E0309"
    "E0310" "E0311" "E0312" "E0313" "E0314" "E0315" "E0316"
    "E0401" "E0402" "E0403" "E0404" "E0405" "E0406" "E0407" "E0420" "E0421" "E0422"
    "E0440" "E0441" "E0442" "E0443" "E0444" "E0445" "E0446" "E0447" "E0448" "E0449"
    "E0450" "E0451" "E0452" "E0453" "E0454"
    "E0455" "E0456" "E0457" "E0458" "E0459" "E0460" "E0461" "E0462" "E0463" "E0464"
    "E0465" "E0466" "E0467" "E0468" "E0469" "E0470"
    "E0501" "E0502" "E0503" "E0504" "E0505" "E0506"
    "E0601" "E0602" "E0603" "E0604" "E0605" "E0606"
    "E0710" "E0711" "E0713" "W0712" "E0720" "E0721" "E0725" "W0720" "W0726" "W0727" "E0730" "E0731" "W0732" "E0740" "W0741"
    "W0801" "W0802" "W0803" "W0804" "W0805" "W0806" "W0807" "W0808" "W0820" "W0821" "W0822"
    "E0901" "E0902" "E0903" "E0904"
    "E0950" "E0951" "E0952" "W0950" "W0951"
}
