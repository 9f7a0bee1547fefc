//! `pkg/site.json`: every file of the site with its hash, by which the service worker keeps it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::site::{Site, at, is_served};

/// Name in `pkg/`; `www/sw.js` asks for it.
pub const LIST: &str = "site.json";

/// Writes the list, which leaves out the service worker itself: the browser keeps that.
pub fn write(site: &Site) -> Result<()> {
    let mut list = BTreeMap::new();
    add(&site.www, "", &mut list)?;
    for bundle in crate::bundle::BUNDLES {
        let prefix = format!("pkg/{}/", bundle.name);
        add(&site.pkg.join(bundle.name), &prefix, &mut list)?;
    }
    list.remove("sw.js");
    let json = serde_json::to_string_pretty(&list).context("the list of the site")?;
    let file = site.pkg.join(LIST);
    fs::write(&file, json + "\n").with_context(|| at(&file))
}

/// Adds the files of a folder, and of those in it, under `prefix`.
fn add(folder: &Path, prefix: &str, list: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| at(folder))? {
        let path = entry.with_context(|| at(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if !is_served(name) {
            continue;
        }
        if path.is_dir() {
            add(&path, &format!("{prefix}{name}/"), list)?;
        } else {
            let bytes = fs::read(&path).with_context(|| at(&path))?;
            let digest = Sha256::digest(&bytes);
            let hash = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
            list.insert(format!("{prefix}{name}"), hash.collect());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::tests::Sample;

    #[test]
    fn the_list_names_what_is_served_with_hashes() {
        let sample = Sample::new("listing");
        fs::write(sample.site.www.join("sw.js"), "w").unwrap();
        write(&sample.site).unwrap();
        let read = || {
            let text = fs::read_to_string(sample.site.pkg.join(LIST)).unwrap();
            serde_json::from_str::<BTreeMap<String, String>>(&text).unwrap()
        };
        let before = read();
        let names: Vec<&str> = before.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["a b/ä.js", "index.html", "pkg/simd/vitrine_bg.wasm"]
        );
        fs::write(sample.site.www.join("index.html"), "changed").unwrap();
        write(&sample.site).unwrap();
        let after = read();
        assert_ne!(before["index.html"], after["index.html"]);
        assert_eq!(before["a b/ä.js"], after["a b/ä.js"]);
    }
}
