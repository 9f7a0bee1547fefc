//! The static site: `www/` at the root and the wasm bundles below `pkg/`. Which file an address
//! means, of which type it is, and the whole of it copied into a folder for any host.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::bundle::{self, BUNDLES};
use crate::listing::LIST;
use crate::steps::{Steps, root};

/// The folders that the site is made of.
pub struct Site {
    pub www: PathBuf,
    pub pkg: PathBuf,
}

impl Site {
    pub fn of_repository() -> Self {
        Self {
            www: root().join("www"),
            pkg: root().join("pkg"),
        }
    }

    /// The file that the path of an address means: none when it does not exist, is hidden, or lies
    /// outside the site. A folder means its `index.html`.
    pub fn file(&self, url_path: &str) -> Option<PathBuf> {
        let path = percent_decoded(url_path)?;
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        // Also refuses `..`, and what other systems read as a separator or a drive.
        if names
            .iter()
            .any(|name| name.starts_with('.') || name.contains(['\\', ':', '\0']))
        {
            return None;
        }
        let (base, names) = match names.split_first() {
            Some((&"pkg", rest)) => (&self.pkg, rest),
            _ => (&self.www, &names[..]),
        };
        let mut file = base.clone();
        file.extend(names);
        if file.is_dir() {
            file.push("index.html");
        }
        // Links are followed, but not out of the site.
        let file = file.canonicalize().ok()?;
        (file.is_file() && file.starts_with(base.canonicalize().ok()?)).then_some(file)
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex_digit(rest.next()?)? * 16 + hex_digit(rest.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

/// The media type of a file by its name; browsers refuse modules and wasm under a wrong one.
pub fn media_type(file: &Path) -> &'static str {
    let extension = file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "txt" | "md" | "ts" => "text/plain; charset=utf-8",
        "tsv" => "text/tab-separated-values; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// `cargo xtask build`: the site as a folder that any host of static files can serve.
pub fn build(out: &Path) -> Result<()> {
    let mut steps = Steps::new();
    bundle::build(&mut steps)?;
    steps.step("copy the site", || copy_site(&Site::of_repository(), out))?;
    println!("{}", out.display());
    Ok(())
}

fn copy_site(site: &Site, out: &Path) -> Result<()> {
    if out.exists() && fs::read_dir(out).with_context(|| at(out))?.next().is_some() {
        ensure!(
            out.join("index.html").is_file() && out.join("pkg").is_dir(),
            "{} is not empty and holds no earlier build: name another folder with --out",
            out.display()
        );
        fs::remove_dir_all(out).with_context(|| at(out))?;
    }
    copy_folder(&site.www, out)?;
    for bundle in BUNDLES {
        copy_folder(
            &site.pkg.join(bundle.name),
            &out.join("pkg").join(bundle.name),
        )?;
    }
    let (from, to) = (site.pkg.join(LIST), out.join("pkg").join(LIST));
    fs::copy(&from, to).with_context(|| at(&from))?;
    Ok(())
}

/// Whether the browser may ask for a file or folder of this name: not if it is hidden, nor for
/// TypeScript declarations.
pub fn is_served(name: &str) -> bool {
    !name.starts_with('.') && !name.ends_with(".ts")
}

/// Copies what the browser may ask for.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| at(to))?;
    for entry in fs::read_dir(from).with_context(|| at(from))? {
        let path = entry.with_context(|| at(from))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if !is_served(name) {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).with_context(|| at(&path))?;
        }
    }
    Ok(())
}

pub fn at(path: &Path) -> String {
    format!("{} cannot be read or written", path.display())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A small site in a folder of its own, removed at the end.
    pub struct Sample {
        pub site: Site,
        folder: PathBuf,
    }

    impl Sample {
        pub fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("vitrine-xtask-{name}-{}", std::process::id()));
            let site = Site {
                www: folder.join("www"),
                pkg: folder.join("pkg"),
            };
            fs::create_dir_all(site.www.join("a b")).unwrap();
            fs::create_dir_all(site.pkg.join("simd")).unwrap();
            fs::write(folder.join("secret.txt"), "secret").unwrap();
            fs::write(site.www.join("index.html"), "0123456789").unwrap();
            fs::write(site.www.join(".hidden"), "hidden").unwrap();
            fs::write(site.www.join("a b").join("ä.js"), "x").unwrap();
            for bundle in BUNDLES {
                fs::create_dir_all(site.pkg.join(bundle.name)).unwrap();
                fs::write(site.pkg.join(bundle.name).join("vitrine.d.ts"), "t").unwrap();
            }
            fs::write(site.pkg.join("simd").join("vitrine_bg.wasm"), "w").unwrap();
            fs::write(site.pkg.join(LIST), "{}").unwrap();
            Self { site, folder }
        }
    }

    impl Drop for Sample {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    #[test]
    fn addresses_name_files_of_both_folders() {
        let sample = Sample::new("names");
        let name = |url: &str| {
            let file = sample.site.file(url)?;
            Some(file.file_name()?.to_str()?.to_owned())
        };
        assert_eq!(name("/").as_deref(), Some("index.html"));
        assert_eq!(name("/index.html").as_deref(), Some("index.html"));
        assert_eq!(name("/a%20b/%C3%A4.js").as_deref(), Some("ä.js"));
        assert_eq!(
            name("/pkg/simd/vitrine_bg.wasm").as_deref(),
            Some("vitrine_bg.wasm")
        );
        assert_eq!(name("/a%20b/"), None, "a folder without index.html");
        assert_eq!(name("/missing.js"), None);
    }

    #[test]
    fn no_address_leaves_the_site() {
        let sample = Sample::new("traversal");
        assert!(sample.site.www.join("..").join("secret.txt").is_file());
        for url in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/a b/../../secret.txt",
            "/pkg/../secret.txt",
            "/pkg/..%5csecret.txt",
            "//../secret.txt",
            "/.hidden",
            "/index.html%00",
            "/%zz",
            "/%",
        ] {
            assert_eq!(sample.site.file(url), None, "{url}");
        }
        #[cfg(unix)]
        {
            let secret = sample.folder.join("secret.txt");
            std::os::unix::fs::symlink(secret, sample.site.www.join("link.txt")).unwrap();
            assert_eq!(
                sample.site.file("/link.txt"),
                None,
                "a link out of the site"
            );
        }
    }

    #[test]
    fn types_that_browsers_insist_on() {
        let of = |name: &str| media_type(Path::new(name));
        assert_eq!(of("vitrine_bg.wasm"), "application/wasm");
        assert!(of("app.js").starts_with("text/javascript"));
        assert!(of("style.CSS").starts_with("text/css"));
        assert!(of("index.html").starts_with("text/html"));
        assert_eq!(of("manifest.json"), "application/json");
        assert_eq!(of("photo.JPEG"), "image/jpeg");
        assert_eq!(of("model.gguf"), "application/octet-stream");
        assert_eq!(of("no-extension"), "application/octet-stream");
    }

    #[test]
    fn the_site_is_copied_whole_and_over_an_earlier_one_only() {
        let sample = Sample::new("copy");
        let out = sample.folder.join("dist");
        copy_site(&sample.site, &out).unwrap();
        assert!(out.join("index.html").is_file());
        assert!(out.join("a b").join("ä.js").is_file());
        assert!(
            out.join("pkg")
                .join("simd")
                .join("vitrine_bg.wasm")
                .is_file()
        );
        assert!(!out.join("pkg").join("simd").join("vitrine.d.ts").exists());
        assert!(!out.join(".hidden").exists());
        assert!(out.join("pkg").join(LIST).is_file());

        fs::write(out.join("stale.js"), "").unwrap();
        copy_site(&sample.site, &out).unwrap();
        assert!(!out.join("stale.js").exists());

        let other = sample.folder.join("other");
        fs::create_dir_all(&other).unwrap();
        fs::write(other.join("thesis.txt"), "").unwrap();
        assert!(copy_site(&sample.site, &other).is_err());
        assert!(other.join("thesis.txt").is_file());
    }
}
