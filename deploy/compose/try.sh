#!/bin/sh
# Runs docker-compose.yml where there is podman and no registry of images: builds what it names from Debian's packages
# and the locked wheels, starts it, lets a browser go through the story of a need, kills a NATS node meanwhile, and
# takes all of it away again. KEEP=1 leaves it running. Needs root, podman with its catatonit, mmdebstrap and Docker Compose 2.
set -eu
cd "$(dirname "$0")/../.."

PORT=${PORT:-8080}
MAIL_PORT=${MAIL_PORT:-8025}
SUITE=${SUITE:-trixie}
# The host's certificates, for hosts that reach package registries through a proxy of their own.
BUILD_OPTIONS=${BUILD_OPTIONS:---network host --volume /etc/ssl/certs:/etc/ssl/certs:ro}
PYTHON=localhost/boucle-try/python:$SUITE
TOOLS=localhost/boucle-try/tools:$SUITE

say() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - began))"; }
fail() { printf '%s\n' "$1" >&2; exit 1; }
began=$(date +%s)

if [ -z "${COMPOSE:-}" ]; then
  for candidate in "docker compose" docker-compose; do
    case "$($candidate version --short 2> /dev/null)" in 2.*|v2.*|[3-9].*) COMPOSE=$candidate; break ;; esac
  done
fi
[ -n "${COMPOSE:-}" ] || fail "Docker Compose 2 is needed (Debian 13: apt install docker-compose), or name it: COMPOSE=…"
for needed in podman catatonit mmdebstrap curl; do command -v $needed > /dev/null || fail "$needed is needed: apt install $needed"; done

place=$(mktemp -d)
# Containers get this shell's limits: podman's own defaults are more than some hosts allow.
cat > "$place/containers.conf" << CONF
[containers]
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=20000:20000"]
[engine]
$(command -v runc > /dev/null && echo 'runtime = "runc"')
$([ -d /run/systemd/system ] || echo 'cgroup_manager = "cgroupfs"')
events_logger = "file"
[network]
network_backend = "netavark"
CONF
export CONTAINERS_CONF="$place/containers.conf" DOCKER_HOST="unix://$place/podman.sock"
export BOUCLE_PUBLISH="127.0.0.1:$PORT" BOUCLE_MAIL_PORT="$MAIL_PORT" BOUCLE_PUBLIC_URL="http://127.0.0.1:$PORT"
export BOUCLE_ALWAYS_OPEN=true

compose() { $COMPOSE -p boucle-try -f docker-compose.yml -f deploy/compose/from-debian/images.yml "$@"; }
# A pipe into tail would hide that it failed.
quietly() { "$@" > "$place/said" 2>&1 || { cat "$place/said" >&2; compose logs --no-color --tail 20 >&2; exit 1; }; tail -n 1 "$place/said"; }
story() { BOUCLE_ADDRESS=$BOUCLE_PUBLIC_URL .venv/bin/python -m pytest tests/browser/test_a_need_arrives.py -q -k "$1"; }
# shellcheck disable=SC2086 -- one word per option
build() { podman build --quiet $BUILD_OPTIONS --build-arg PYTHON="$PYTHON" "$@" . > /dev/null; }
base() {
  podman image exists "$1" && return
  mmdebstrap --quiet --variant=minbase --include="$2" "$SUITE" "$place/base.tar"
  podman import --quiet "$place/base.tar" "$1" > /dev/null
  rm "$place/base.tar"
}

leave() {
  [ "${KEEP:-}" = 1 ] || { say "Taking it away"; compose down --volumes 2>&1 | tail -n 1; }
  kill "$service" ${timer:+"$timer"} 2> /dev/null || true
  rm -rf "$place"
}

say "Base images from Debian $SUITE"
base "$PYTHON" ca-certificates,python3,python3-venv
base "$TOOLS" ca-certificates,python3,python3-venv,nodejs,npm,caddy,wget

say "Images: Boucle's, and the stand-ins"
build --file deploy/compose/Dockerfile --build-arg NODE="$TOOLS" --build-arg COMMIT="$(git rev-parse HEAD)" --tag localhost/boucle:try
for target in postgres nats mail gateway; do
  build --file deploy/compose/from-debian/Dockerfile --build-arg TOOLS="$TOOLS" --target $target --tag localhost/boucle-try/$target
done
podman images --format '{{.Repository}}:{{.Tag}}  {{.Size}}' | grep -E '^localhost/boucle(:|-try/)'

podman system service --time=0 "$DOCKER_HOST" 2> "$place/service.log" &
service=$!
timer=
trap leave EXIT
trap 'exit 130' INT TERM
if [ ! -d /run/systemd/system ]; then
  # podman leaves the clock of health checks to systemd; without one somebody else has to look at it
  (while sleep 2; do for each in $(podman ps -q); do podman healthcheck run "$each" > /dev/null 2>&1 || true; done; done) &
  timer=$!
fi

say "Starting"
quietly compose up --detach --no-build --wait
compose ps --all --format '{{.Service}}  {{.Status}}'
compose logs --no-log-prefix setup | tail -n 3

say "The demonstration"
compose run --rm -T setup python -m deploy.compose.demonstration 2> "$place/refused" > "$place/accounts" || { cat "$place/refused" >&2; exit 1; }
sed 's/  [a-z0-9-]*  /  (its password)  /' "$place/accounts"

say "A browser: the need arrives by itself"
story reasons

say "The letter about it, in the catcher"
curl --silent --fail "http://127.0.0.1:$MAIL_PORT/api/v1/messages" | grep -q 'camille501@exemple.fr' || fail "no letter was caught"
echo "caught"

say "A need on paper, and a search answered from the worker's memory"
need=$(curl --silent --fail "$BOUCLE_PUBLIC_URL/needs" | grep -o 'needs/[0-9a-f-]\{36\}' | head -n 1)
curl --silent --fail "$BOUCLE_PUBLIC_URL/$need/paper" | head -c 4 | grep -q '%PDF' || fail "no paper was set"
curl --silent --fail --output /dev/null "$BOUCLE_PUBLIC_URL/matching/search?text=traiteur"
compose exec -T matching python -c 'print(__import__("urllib.request").request.urlopen("http://127.0.0.1:9000/metrics").read().decode())' \
  | grep 'question_total{.*rpc.matching.search.*answered' || fail "nobody answered from memory"

say "One NATS node is killed, and the story goes on without scripts"
podman kill boucle-try-nats-2-1 > /dev/null
story javascript
compose ps --all --format '{{.Service}}  {{.Status}}' nats-2
quietly compose up --detach --no-build --wait nats-2
# what is younger than a second may be under way
compose run --rm -T setup boucle reconcile --grace 1 2> /dev/null

say "A service is started again while pages are asked for"
(for _ in $(seq 60); do curl --silent --max-time 30 --output /dev/null --write-out '%{http_code} %{time_total}\n' "$BOUCLE_PUBLIC_URL/needs"; sleep 0.1; done) > "$place/answers" &
asking=$!
quietly compose restart catalog
wait $asking
awk '{ print $1 }' "$place/answers" | sort | uniq -c
echo "the slowest took $(awk '{ print $2 }' "$place/answers" | sort -n | tail -n 1) s"
! grep -qv '^200 ' "$place/answers" || fail "a page was refused"

say "A second start changes nothing"
quietly compose up --detach --no-build --wait
compose logs --no-log-prefix setup | tail -n 4
podman stats --no-stream --format '{{.Name}}  {{.MemUsage}}' | grep -v 0B
say "All went well"
