# The image holds one static binary and a CA bundle, nothing that could be
# exploited or need an update between two releases.
#
#   docker build --build-arg VERSION=v1.0.0 -t park .
#   docker run -p 127.0.0.1:8080:8080 -e PARK_INSECURE_HTTP=1 -v park-data:/data park

FROM golang:1.26-bookworm AS build
WORKDIR /src
# Modules first: a change of our own code does not download them again.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# The empty folders are copied with the owner and the mode that they need below:
# a scratch image has neither mkdir nor chown.
RUN CGO_ENABLED=0 go build -tags nomsgpack -trimpath -buildvcs=false \
      -ldflags="-s -w -X main.version=${VERSION}" -o /out/park . \
    && cp /etc/ssl/certs/ca-certificates.crt /out/ca-certificates.crt \
    && mkdir -m 0700 /out/data \
    && mkdir -m 1777 /out/tmp

FROM scratch
COPY --from=build /out/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# Large request parts and workbooks are buffered in files, so /tmp must be writable.
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/park /park

# By number: a scratch image has no /etc/passwd, and Kubernetes' runAsNonRoot reads numbers only.
USER 65532:65532

# Inside a container the program listens on every address. Without TLS or a trusted
# proxy it refuses to start like that unless PARK_INSECURE_HTTP=1 says that whoever
# publishes the port keeps it on loopback.
ENV PARK_DATA=/data \
    PARK_DATABASE=sqlite:/data/park.db \
    PARK_LISTEN=0.0.0.0:8080 \
    TMPDIR=/tmp
VOLUME /data
EXPOSE 8080/tcp

# The program ends within 20 s of SIGTERM with exit code 0.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/park", "healthcheck"]
ENTRYPOINT ["/park"]
CMD ["serve"]
