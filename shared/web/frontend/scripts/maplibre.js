export { LngLatBounds, Map, Marker, Popup, setWorkerUrl } from "maplibre-gl";
