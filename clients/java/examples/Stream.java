import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import pointsman.v1.CompleteRequest;
import pointsman.v1.CompletionEvent;
import pointsman.v1.CompletionSpecification;
import pointsman.v1.Finished;
import pointsman.v1.Message;
import pointsman.v1.Part;
import pointsman.v1.Role;
import pointsman.v1.RouterServiceGrpc;
import pointsman.v1.TextPart;

/** Asks a question and prints the answer as it comes, then the model, the tokens and the cost. */
public final class Stream {
  public static void main(String[] arguments) throws InterruptedException, IOException {
    var address = System.getenv().getOrDefault("POINTSMAN_ADDRESS", "127.0.0.1:50051");
    var channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    try {
      var router = RouterServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(authorization(token())))
          .withDeadlineAfter(60, TimeUnit.SECONDS);
      router.complete(asking(String.join(" ", arguments))).forEachRemaining(
          response -> response.getEventsList().forEach(Stream::print));
    } finally {
      channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  /** The caller's own, or that of the first administrator of a server that was started here. */
  private static String token() throws IOException {
    var token = System.getenv("POINTSMAN_TOKEN");
    return token != null ? token : Files.readString(Path.of("data/admin-token")).strip();
  }

  private static Metadata authorization(String token) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return headers;
  }

  private static CompleteRequest asking(String question) {
    var text = TextPart.newBuilder().setText(question.isEmpty() ? "Why is the sky blue?" : question);
    var message = Message.newBuilder().setRole(Role.ROLE_USER).addParts(Part.newBuilder().setText(text));
    return CompleteRequest.newBuilder()
        .setSpecification(CompletionSpecification.newBuilder().addMessages(message))
        .build();
  }

  private static void print(CompletionEvent event) {
    System.out.print(event.getTextDelta().getText());
    System.out.flush();
    if (event.hasFinished()) {
      print(event.getFinished());
    }
  }

  private static void print(Finished finished) {
    var cost = finished.hasCostNanos() ? String.format("%.9f dollars", finished.getCostNanos() / 1e9) : "unpriced";
    var used = finished.getUsage();
    System.out.printf(
        "%n%s: %d tokens in, %d out, %s%n",
        finished.getModelId(), used.getInputTokens(), used.getOutputTokens(), cost);
  }
}
