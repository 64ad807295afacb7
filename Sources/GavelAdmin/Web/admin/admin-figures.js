// Numbers, times and names for people.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 1,234 */
export const count = (value) => (Number.isFinite(value) ? grouped.format(value) : "–");

/** 12.3k: three digits that count. */
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (value >= size * 0.9995) return `${digits(value / size)}${unit}`;
  }
  return digits(value);
}

const digits = (value) => String(Number(value.toPrecision(3)));

/** 12.3 MiB */
export function bytes(value) {
  if (!Number.isFinite(value)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let index = 0;
  while (value >= 1023.5 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${digits(value)} ${units[index]}`;
}

/** Of microseconds: 180 µs, 1.2 ms, 3 s. */
export function micros(value) {
  if (!Number.isFinite(value)) return "–";
  if (value >= 999_500) return `${digits(value / 1e6)} s`;
  return value >= 999.5 ? `${digits(value / 1000)} ms` : `${digits(value)} µs`;
}

/** Of seconds, in the two largest units: 2h 14m. */
export function duration(seconds) {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes}m ${Math.floor(seconds % 60)}s` : `${Math.floor(seconds)}s`;
}

/** Of milliseconds that are left: 41 s, 850 ms. */
export function soon(milliseconds) {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  return milliseconds < 60_000 ? `${Math.round(milliseconds / 1000)} s` : duration(milliseconds / 1000);
}

const two = (value, length = 2) => String(value).padStart(length, "0");

/** 14:02:31 */
export function clock(milliseconds) {
  const date = new Date(milliseconds);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** 14:02:31.047 */
export const instant = (milliseconds) => `${clock(milliseconds)}.${two(new Date(milliseconds).getMilliseconds(), 3)}`;

/** 2026-01-31 14:02:31; of today the time alone. */
export function moment(milliseconds) {
  const date = new Date(milliseconds);
  if (date.toDateString() === new Date().toDateString()) return clock(milliseconds);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(milliseconds)}`;
}

/** 1 room, 2 rooms */
export const counted = (value, noun) => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** What players wrote, without the characters that would turn the text around it, or show nothing. */
export const printable = (text) => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "·");
