/* Where the citizen is, in words: it travels like anything else they say, and they see it before it is sent. */

const PATIENCE = 12000;
const REASONS = {
  1: "没有得到您的位置：您没有允许。请直接写地址，例如哪条路、哪个小区、几号楼。",
  2: "现在得不到您的位置。请直接写地址，例如哪条路、哪个小区、几号楼。",
};

/** Whether this device may be asked: only over HTTPS, or on the machine itself. */
export function canLocate() {
  return window.isSecureContext && "geolocation" in navigator;
}

/** 我的位置：北纬30.65731°，东经104.06512°（误差约20米）. Rejects with the reason in words. */
export function whereAmI() {
  return new Promise((found, failed) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found(inWords(coords)),
      (problem) => failed(new Error(REASONS[problem.code] || REASONS[2])),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60000 },
    );
  });
}

function inWords({ latitude, longitude, accuracy }) {
  const north = `${latitude < 0 ? "南纬" : "北纬"}${Math.abs(latitude).toFixed(5)}°`;
  const east = `${longitude < 0 ? "西经" : "东经"}${Math.abs(longitude).toFixed(5)}°`;
  return `我的位置：${north}，${east}（误差约${Math.max(1, Math.round(accuracy))}米）`;
}
