"""Reports: one HTML file with plots that opens offline, in light and dark, on a phone."""
