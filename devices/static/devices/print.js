/* A page made to be printed: its button opens the browser's dialogue. */
document.getElementById("print").addEventListener("click", function () { window.print(); });
