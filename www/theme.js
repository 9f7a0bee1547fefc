// Light or dark before the first paint; a classic script, because a module would come after it.
{
  const wished = new URLSearchParams(location.search).get("theme");
  let theme = wished === "dark" || wished === "light" ? wished : null;
  try {
    theme ??= localStorage.getItem("theme");
  } catch {
    // storage forbidden: follow the system
  }
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = theme ?? (isDark ? "dark" : "light");
}
