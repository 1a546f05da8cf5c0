// The till: read a QR code with the camera where the browser can (BarcodeDetector, a secure context); else typing stays.
(() => {
  const box = document.querySelector("[data-scan]");
  if (!box || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const start = box.querySelector("[data-scan-start]");
  const video = box.querySelector("video");
  const failed = box.querySelector("[data-scan-failed]");
  const field = document.getElementById("code");
  let stream = null;
  box.hidden = false;

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    start.hidden = false;
  }

  async function look(detector) {
    if (!stream) return;
    const codes = await detector.detect(video).catch(() => []);
    if (codes.length) {
      field.value = codes[0].rawValue;
      stop();
      field.form.requestSubmit();
      return;
    }
    setTimeout(() => look(detector), 200);
  }

  start.addEventListener("click", async () => {
    try {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      video.hidden = false;
      start.hidden = true;
      await video.play();
      look(detector);
    } catch {
      stop();
      failed.hidden = false;
    }
  });
  window.addEventListener("pagehide", stop);
})();
