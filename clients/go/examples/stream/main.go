// Command stream asks a question and prints the answer as it comes, then the model, the tokens and the cost.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pointsmanv1 "pointsman/v1"
)

func main() {
	question := cmp.Or(strings.Join(os.Args[1:], " "), "Why is the sky blue?")
	token, err := token()
	if err == nil {
		err = ask(cmp.Or(os.Getenv("POINTSMAN_ADDRESS"), "127.0.0.1:50051"), token, question)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// token is the caller's own, or that of the first administrator of a server that was started here.
func token() (string, error) {
	if token := os.Getenv("POINTSMAN_TOKEN"); token != "" {
		return token, nil
	}
	file, err := os.ReadFile("data/admin-token")
	return strings.TrimSpace(string(file)), err
}

func ask(address, token, question string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	text := &pointsmanv1.Part_Text{Text: &pointsmanv1.TextPart{Text: question}}
	message := &pointsmanv1.Message{Role: pointsmanv1.Role_ROLE_USER, Parts: []*pointsmanv1.Part{{Kind: text}}}
	stream, err := pointsmanv1.NewRouterServiceClient(connection).Complete(ctx, &pointsmanv1.CompleteRequest{
		Specification: &pointsmanv1.CompletionSpecification{Messages: []*pointsmanv1.Message{message}},
	})
	if err != nil {
		return err
	}
	return show(stream)
}

func show(stream grpc.ServerStreamingClient[pointsmanv1.CompleteResponse]) error {
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, event := range response.Events {
			fmt.Print(event.GetTextDelta().GetText())
			if finished := event.GetFinished(); finished != nil {
				fmt.Println(summary(finished))
			}
		}
	}
}

func summary(finished *pointsmanv1.Finished) string {
	cost := "unpriced"
	if finished.CostNanos != nil {
		cost = fmt.Sprintf("%.9f dollars", float64(*finished.CostNanos)/1e9)
	}
	used := finished.Usage
	return fmt.Sprintf("\n%s: %d tokens in, %d out, %s", finished.ModelId, used.InputTokens, used.OutputTokens, cost)
}
