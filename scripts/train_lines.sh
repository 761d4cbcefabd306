#!/usr/bin/env bash
# Trains the line reader unattended, from fonts to weights and figures: scripts/train_lines.sh DATA OUT [LINES]
# DATA is the development data (fonts_vn, digits); fonts come from Debian and the npm registry; a stopped
# run goes on where it was. On one core it takes about 17 s for each 1,000 lines (30 without AMX).
set -euo pipefail
cd "$(dirname "$0")/.."
data="$1" out="$2" lines="${3:-600000}"
fonts="fonts-crosextra-caladea fonts-crosextra-carlito fonts-freefont-ttf fonts-noto-core fonts-roboto-unhinted fonts-open-sans fonts-linuxlibertine fonts-lato
  fonts-sil-gentium-basic fonts-cantarell fonts-dejavu-core fonts-dejavu-extra fonts-liberation2"
families="mali charm charmonman mansalva mynerve fuzzy-bubbles birthstone comforter-brush ephesis estonia explora
  gwendolyn hurricane caramel kolker-brush moon-dance puppies-play sassy-frass square-peg smooch the-nautigal
  vujahday-script twinkle-star water-brush whisper inspiration grechen-fuemen my-soul allison corinthia
  qwitcher-grypen updock licorice ms-madi love-light carattere lemonada pangolin sedgwick-ave sedgwick-ave-display
  amatic-sc comfortaa baloo-2"

mkdir -p "$out/packages" "$out/print"
# Unpacked, not installed: fonts of the system stand in for those an official PDF does not bring.
# shellcheck disable=SC2086  # a list of packages
(cd "$out/packages" && apt-get download -qq $fonts)
for package in "$out"/packages/*.deb; do dpkg-deb -x "$package" "$out/print"; done
bash scripts/setup.sh test
export PATH="$PWD/.work/uv/bin:$PATH"
uv pip install --quiet --python .venv/bin/python torch onnx fonttools brotli
for family in $families; do
  ls "$out/packages/fontsource-$family-"[0-9]*.tgz >/dev/null 2>&1 ||
    (cd "$out/packages" && npm pack --silent "@fontsource/$family" >/dev/null)
done
.venv/bin/python tools/merge_fonts.py "$out/packages" "$out/hands"
exec .venv/bin/python -m formscan.learning.train_lines --digits "$data" \
  --print-fonts "$out/print" resources/fonts --hand-fonts "$out/hands" "$data/fonts_vn" --out "$out" --lines "$lines"
