# The clients in Go, TypeScript and Java. What is fetched stands in build/clients and node_modules, so that a second
# run needs no network; clients/go/tools, package-lock.json and pom.xml pin it.

FETCHED := $(CURDIR)/build/clients
GO := GOBIN=$(FETCHED)/bin GOMODCACHE=$(FETCHED)/go/modules GOCACHE=$(FETCHED)/go/cache go
NPM := npm --cache $(FETCHED)/npm --no-audit --no-fund --no-update-notifier --loglevel error
MAVEN := mvn --quiet --batch-mode --no-transfer-progress -Dmaven.repo.local=$(FETCHED)/maven -f clients/java/pom.xml
# This system as Maven's artifacts name it: linux-x86_64, osx-aarch_64.
CLASSIFIER = $(shell uname -sm | sed 's/Linux /linux-/; s/Darwin /osx-/; s/a[a-z]*64$$/aarch_64/')

JAVA := clients/java/target
QUESTION := Why is the sky blue?

.PHONY: clients client-go client-typescript client-java generate-clients check-clients \
	generators example-go example-typescript example-java

clients: client-go client-typescript client-java ## Build the clients in Go, TypeScript and Java

client-go: $(FETCHED)/stream ## Build the client in Go

client-typescript: $(FETCHED)/.typescript ## Build the client in TypeScript

client-java: $(FETCHED)/java.classpath ## Build the client in Java

generators: $(FETCHED)/.go-generators $(FETCHED)/.npm $(FETCHED)/.java-generators ## Fetch what generates their stubs

generate-clients: $(DEVELOPMENT) generators ## Write the stubs of these clients
	buf generate --template buf.gen.clients.yaml

check-clients: $(DEVELOPMENT) generators ## Check that the stubs of these clients are current
	python tools/check_generated.py --clients

example-go: client-go ## Ask a running server, in Go; QUESTION="…" asks something else
	@$(FETCHED)/stream "$(QUESTION)"

example-typescript: client-typescript ## The same in TypeScript
	@node clients/typescript/dist/examples/stream.js "$(QUESTION)"

example-java: client-java ## The same in Java
	@java -cp "$$(cat $(FETCHED)/java.classpath):$(JAVA)/test-classes:$(JAVA)/classes" Stream "$(QUESTION)"

$(FETCHED)/.go-generators: clients/go/tools/go.mod clients/go/tools/go.sum
	cd clients/go/tools && $(GO) install -modcacherw tool
	@touch $@

$(FETCHED)/.npm: clients/typescript/package.json clients/typescript/package-lock.json
	cd clients/typescript && $(NPM) ci
	@touch $@

$(FETCHED)/.java-generators: clients/java/pom.xml
	$(MAVEN) dependency:copy -DoutputDirectory=$(FETCHED)/bin -Dprotoc.classifier=$(CLASSIFIER)
	@chmod +x $(FETCHED)/bin/protoc $(FETCHED)/bin/protoc-gen-grpc-java
	@touch $@

$(FETCHED)/stream: $(shell find clients/go -name '*.go') clients/go/go.mod clients/go/go.sum
	cd clients/go && $(GO) vet -modcacherw ./... && $(GO) build -modcacherw -buildvcs=false -o $@ ./examples/stream

$(FETCHED)/.typescript: $(FETCHED)/.npm clients/typescript/tsconfig.json \
		$(shell find clients/typescript/src clients/typescript/examples -name '*.ts')
	cd clients/typescript && node_modules/.bin/tsc
	@touch $@

$(FETCHED)/java.classpath: clients/java/pom.xml $(shell find clients/java/src clients/java/examples -name '*.java')
	$(MAVEN) test-compile dependency:build-classpath -Dmdep.outputFile=$@
	@touch $@
