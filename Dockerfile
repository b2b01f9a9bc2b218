# The static binary alone, run by nobody: docker run --rm -v "$PWD:/work" onerule check rules
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /onerule ./cmd/onerule

FROM scratch
COPY --from=build /onerule /onerule
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/onerule"]
CMD ["--help"]
