/* Draws the map named by #jc-map-data: a boundary, a point, marks, shaded shapes, or a place to be picked. Works
   without any tiles. */
(function () {
    "use strict";

    function draw() {
        const box = document.getElementById("jc-map");
        const source = document.getElementById("jc-map-data");
        if (!box || !source || typeof L === "undefined" || box.dataset.drawn) {
            return;
        }
        box.dataset.drawn = "yes";
        const data = JSON.parse(source.textContent) || {};
        L.Icon.Default.imagePath = box.dataset.icons;
        const map = L.map(box, { attributionControl: false, zoomControl: true, scrollWheelZoom: false });
        if (data.tiles) {
            L.tileLayer(data.tiles, { maxZoom: 19 }).addTo(map);
        }
        map.setView([28.2, 112.9], 12);
        const shape = data.boundary ? boundary(map, data) : null;
        const marker = data.point ? L.marker([data.point[1], data.point[0]]).addTo(map) : null;
        if (marker && data.point_name) {
            marker.bindTooltip(data.point_name);
        }
        let shapes = data.shapes && data.shapes.length ? shaded(map, data.shapes) : null;
        let marks = data.marks && data.marks.length ? marked(map, data.marks) : null;
        if (shapes) {
            map.fitBounds(shapes.getBounds(), { padding: [24, 24], maxZoom: 17, animate: false });
        } else if (marks) {
            map.fitBounds(marks.getBounds(), { padding: [28, 28], maxZoom: 17, animate: false });
        } else if (shape) {
            map.fitBounds(shape.getBounds(), { padding: [12, 12], animate: false });
        } else if (marker) {
            map.setView(marker.getLatLng(), 16);
        }
        if (data.pick) {
            picking(map, data.pick);
        }
        // Pages whose marks change say so; the view stays where the reader has moved it.
        document.addEventListener("jiceng:marks", function (message) {
            if (marks) {
                marks.remove();
            }
            marks = marked(map, message.detail);
        });
        document.addEventListener("jiceng:shapes", function (message) {
            if (shapes) {
                shapes.remove();
            }
            shapes = shaded(map, message.detail);
        });
        if (data.move) {
            // What a page shows may depend on where its reader looks; the first view is the page's own.
            map.on("moveend", function () {
                document.dispatchEvent(new CustomEvent("jiceng:moved", { detail: map.getBounds().toBBoxString() }));
            });
        }
        document.dispatchEvent(new CustomEvent("jiceng:map"));
    }

    function boundary(map, data) {
        const shape = L.geoJSON(data.boundary, { style: { color: "#17589c", weight: 2, fillOpacity: 0.08 } }).addTo(map);
        if (data.boundary_name) {
            const name = document.createElement("span");
            name.textContent = data.boundary_name;
            shape.bindTooltip(name, { sticky: true });
        }
        return shape;
    }

    const TONES = { green: "#1a6338", red: "#a3201b", grey: "#66727e", blue: "#17589c", amber: "#b06000" };

    // Areas or hexagons: the more weight (0 to 1), the stronger the colour; dashed ones are outlined only. A press on
    // one tells what it is, with a link where it has an address.
    function shaded(map, shapes) {
        const drawn = shapes.map(function (shape) {
            const colour = TONES[shape.tone] || "#c2410c";
            const style = shape.dashed
                ? { color: colour, weight: 2, dashArray: "5 4", fill: true, fillOpacity: 0 }
                : { color: colour, weight: 1, opacity: 0.35 + 0.5 * shape.weight, fillColor: colour, fillOpacity: 0.08 + 0.62 * shape.weight };
            const layer = L.geoJSON(shape.geometry, { style: style });
            const name = document.createElement("span");
            name.textContent = shape.text;
            layer.bindTooltip(name, { sticky: true });
            if (shape.url) {
                const link = document.createElement("a");
                link.href = shape.url;
                link.textContent = shape.text;
                layer.bindPopup(link);
            }
            return layer;
        });
        return L.featureGroup(drawn).addTo(map);
    }

    // Several named places, each in the colour of its tone; those with a radius (metres) are drawn with it, those with
    // an address lead there.
    function marked(map, marks) {
        const drawn = marks.map(function (mark) {
            const at = [mark.at[1], mark.at[0]];
            const colour = TONES[mark.tone] || TONES.grey;
            const dot = L.circleMarker(at, { radius: mark.radius || mark.url ? 8 : 5, color: "#fff", weight: 2, fillColor: colour, fillOpacity: 1 });
            const name = document.createElement("span");
            name.textContent = mark.text;
            dot.bindTooltip(name);
            if (mark.url && /^\/(?!\/)/.test(mark.url)) {
                dot.on("click", function () { window.location.assign(mark.url); });
            }
            if (mark.radius) {
                L.circle(at, { radius: mark.radius, color: colour, weight: 1, fillOpacity: 0.08, interactive: false }).addTo(map);
            }
            return dot;
        });
        return L.featureGroup(drawn).addTo(map);
    }

    function picking(map, fields) {
        const longitude = document.getElementById(fields.longitude);
        const latitude = document.getElementById(fields.latitude);
        const system = document.getElementById("id_system");
        let marker = null;
        function show(position) {
            marker = marker ? marker.setLatLng(position) : L.marker(position).addTo(map);
        }
        function typed() {
            const lon = parseFloat(longitude.value);
            const lat = parseFloat(latitude.value);
            if (Number.isFinite(lon) && Number.isFinite(lat) && (!system || system.value === "wgs84")) {
                show([lat, lon]);
                map.panTo([lat, lon]);
            }
        }
        map.on("click", function (press) {
            longitude.value = press.latlng.lng.toFixed(6);
            latitude.value = press.latlng.lat.toFixed(6);
            if (system) {
                system.value = "wgs84";
            }
            show(press.latlng);
        });
        longitude.addEventListener("change", typed);
        latitude.addEventListener("change", typed);
        typed();
    }

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", draw);
    } else {
        draw();
    }
})();
