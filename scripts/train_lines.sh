#!/usr/bin/env bash
# Trains the line reader unattended, from fonts to weights and figures: scripts/train_lines.sh DATA OUT [LINES [OPTION...]]
# DATA is the development data (fonts_vn, digits); fonts come from Debian and the npm registry; a stopped
# run goes on where it was. Further options go to the trainer: --start FILE goes on from weights. On two
# cores it takes about 14 s for each 1,000 lines; a GPU is used where torch finds one, and all cores draw.
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

# Families whose letters are written with a pen; most know no Vietnamese, whose marks are drawn by the trainer.
pens="playwrite-vn playwrite-ar playwrite-at playwrite-au-qld playwrite-au-vic playwrite-be-wal playwrite-br
  playwrite-ca playwrite-cl playwrite-co playwrite-cu playwrite-cz playwrite-de-grund playwrite-de-sas
  playwrite-dk-loopet playwrite-dk-uloopet playwrite-es playwrite-es-deco playwrite-fr-moderne
  playwrite-fr-trad playwrite-hr playwrite-hr-lijeva playwrite-hu playwrite-id playwrite-ie playwrite-in
  playwrite-is playwrite-it-moderna playwrite-it-trad playwrite-mx playwrite-ng-modern playwrite-nl
  playwrite-no playwrite-nz playwrite-pe playwrite-pl playwrite-pt playwrite-ro playwrite-sk playwrite-tz
  playwrite-us-modern playwrite-us-trad playwrite-za homemade-apple reenie-beanie nothing-you-could-do
  la-belle-aurore over-the-rainbow cedarville-cursive zeyada mr-dafoe dawning-of-a-new-day kristi
  shadows-into-light shadows-into-light-two indie-flower gloria-hallelujah covered-by-your-grace
  just-me-again-down-here waiting-for-the-sunrise swanky-and-moo-moo loved-by-the-king sue-ellen-francisco
  give-you-glory the-girl-next-door crafty-girls coming-soon schoolbell annie-use-your-telescope
  architects-daughter nanum-pen-script gaegu hi-melody caveat kalam handlee delius short-stack neucha
  bad-script marck-script cookie satisfy mrs-saint-delafield mr-de-haviland herr-von-muellerhoff
  monsieur-la-doulaise ruthie rouge-script sacramento yesteryear stalemate bilbo league-script
  meddon qwigley vibur clicker-script aguafina-script arizonia dekko edu-sa-beginner
  edu-nsw-act-foundation edu-vic-wa-nt-beginner edu-tas-beginner edu-qld-beginner edu-sa-hand
  edu-nsw-act-hand-pre edu-nsw-act-cursive edu-vic-wa-nt-hand edu-qld-hand edu-au-vic-wa-nt-hand
  edu-au-vic-wa-nt-pre rancho sunshiney calligraffitti allura alex-brush parisienne italianno norican
  damion courgette merienda mr-bedfort miss-fajardose dr-sugiyama lovers-quarrel jim-nightshade redressed
  rochester seaweed-script felipa engagement butterfly-kids montez nanum-brush-script nerko-one gochi-hand
  gamja-flower poor-story klee-one zen-kurenaido liu-jian-mao-cao long-cang zhi-mang-xing borel babylonica
  birthstone-bounce fasthand grape-nuts imperial-script island-moments kings luxurious-script mea-culpa
  passions-conflict send-flowers waterfall windsong comic-neue delicious-handrawn bonheur-royale cause
  ingrid-darling caveat-brush just-another-hand rock-salt square-peg"

mkdir -p "$out/packages" "$out/print"
# Unpacked, not installed: fonts of the system stand in for those an official PDF does not bring.
# shellcheck disable=SC2086  # a list of packages
(cd "$out/packages" && apt-get download -qq $fonts)
for package in "$out"/packages/*.deb; do dpkg-deb -x "$package" "$out/print"; done
bash scripts/setup.sh test
export PATH="$PWD/.work/uv/bin:$PATH"
uv pip install --quiet --python .venv/bin/python torch onnx fonttools brotli
for family in $families $pens; do
  ls "$out/packages/fontsource-$family-"[0-9]*.tgz >/dev/null 2>&1 ||
    (cd "$out/packages" && npm pack --silent "@fontsource/$family" >/dev/null)
done
.venv/bin/python tools/merge_fonts.py "$out/packages" "$out/hands" "$out/pens"
exec .venv/bin/python -m formscan.learning.train_lines --digits "$data" \
  --print-fonts "$out/print" resources/fonts --hand-fonts "$out/hands" "$data/fonts_vn" \
  --pen-fonts "$out/hands" "$out/pens" "$data/fonts_vn" --out "$out" --lines "$lines" "${@:4}"
