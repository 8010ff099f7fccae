# A DTLS terminator for meters that bring DTLS 1.2 with pre-shared keys (docs/decisions/0012): libcoap 4.3.5 or newer as a reverse proxy.
FROM ubuntu:26.04
RUN apt-get update && apt-get install -y --no-install-recommends libcoap3-bin && rm -rf /var/lib/apt/lists/*
USER nobody
EXPOSE 5684/udp
ENTRYPOINT ["coap-server-openssl"]
