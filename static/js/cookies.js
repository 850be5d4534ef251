// Remember a choice of looks for a year, where the server reads it before drawing the page.
export function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `desk_${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
}
