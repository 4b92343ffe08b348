/* Times on a Chinese wall clock, whatever the device thinks. */

const HOUR = 3600000;
const DAY = 24 * HOUR;
const CHINA = 8 * HOUR;

/** The day an instant falls on, as a number. */
function dayOf(instant) {
  return Math.floor((instant + CHINA) / DAY);
}

function pad(number) {
  return String(number).padStart(2, "0");
}

/** 10:05 · 昨天 10:05 · 11月3日 10:05 · 2025年11月3日 10:05 */
export function moment(iso, now = Date.now()) {
  const instant = Date.parse(iso);
  const wall = new Date(instant + CHINA);
  const time = `${pad(wall.getUTCHours())}:${pad(wall.getUTCMinutes())}`;
  const days = dayOf(now) - dayOf(instant);
  if (days === 0) return time;
  if (days === 1) return `昨天 ${time}`;
  const day = `${wall.getUTCMonth() + 1}月${wall.getUTCDate()}日`;
  const year = wall.getUTCFullYear() === new Date(now + CHINA).getUTCFullYear() ? "" : `${wall.getUTCFullYear()}年`;
  return `${year}${day} ${time}`;
}

/** 2026年11月23日, of an instant or of a date without time. */
export function day(iso) {
  const dateOnly = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  if (dateOnly) return `${dateOnly[1]}年${Number(dateOnly[2])}月${Number(dateOnly[3])}日`;
  const wall = new Date(Date.parse(iso) + CHINA);
  return `${wall.getUTCFullYear()}年${wall.getUTCMonth() + 1}月${wall.getUTCDate()}日`;
}

/** 还有 21 天 · 还有 5 小时 · 还有 30 分钟 · 期限已过: what is left until an instant, by the wall clock. */
export function left(iso, now = Date.now()) {
  const rest = Date.parse(iso) - now;
  if (rest <= 0) return "期限已过";
  const days = dayOf(Date.parse(iso)) - dayOf(now);
  if (days > 1) return `还有 ${days} 天`;
  if (rest >= HOUR) return `还有 ${Math.floor(rest / HOUR)} 小时`;
  return `还有 ${Math.max(1, Math.floor(rest / 60000))} 分钟`;
}

/** Whether a line with the time belongs between two messages. */
export function apart(earlier, later) {
  return !earlier || Date.parse(later) - Date.parse(earlier) > 5 * 60000;
}
