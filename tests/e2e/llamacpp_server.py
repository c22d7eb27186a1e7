"""A program for tests: writes a small random llama model and serves it with llama.cpp's own server.

Run as ``python llamacpp_server.py MODEL_PATH``. It prints the server's address in one line and serves until its
standard input ends, so that it never outlives the test that started it.
"""

import string
import sys
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

LAYERS = 2
WIDTH = 64
HEADS = 4
FEED_FORWARD = 128
CONTEXT = 2048
MODEL_ALIAS = "tiny-random-llama"
# The roles stand in the text, so that a longer conversation has more tokens.
CHAT_TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"


def vocabulary() -> tuple[list[bytes], list[gguf.TokenType]]:
    """The control tokens, a token for each byte, and the ones that the model writes with."""
    words = [f"▁{first}{second}".encode() for first in "bcdfglmnprst" for second in ("a", "e", "in", "on")]
    letters = [letter.encode() for letter in (*string.ascii_letters, *string.digits, "▁")]
    tokens = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256)), *letters, *words]
    types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    types += [gguf.TokenType.BYTE] * 256
    return tokens, types + [gguf.TokenType.NORMAL] * (len(tokens) - len(types))


def write_model(path: Path) -> None:
    """Writes a model whose weights are random, but the same on every run."""
    tokens, types = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(MODEL_ALIAS)
    writer.add_block_count(LAYERS)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(number) for number in range(len(tokens))])
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(CHAT_TEMPLATE)
    for name, values in weights(types).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def weights(types: list[gguf.TokenType]) -> dict[str, np.ndarray]:
    """The tensors by name."""
    generator = np.random.default_rng(7)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return generator.normal(0, columns**-0.5, (rows, columns)).astype(np.float32)

    output = matrix(len(types), WIDTH) * 8
    # A byte's logit is zero and some word's is above it, so that greedy answers are readable and end by their cap.
    output[[kind is not gguf.TokenType.NORMAL for kind in types]] = 0
    tensors = {
        "token_embd.weight": matrix(len(types), WIDTH),
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "output.weight": output,
    }
    for layer in range(LAYERS):
        block = {name: matrix(WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
        block |= {name: matrix(FEED_FORWARD, WIDTH) for name in ("ffn_gate", "ffn_up")}
        block |= {"ffn_down": matrix(WIDTH, FEED_FORWARD)}
        block |= {name: np.ones(WIDTH, np.float32) for name in ("attn_norm", "ffn_norm")}
        tensors |= {f"blk.{layer}.{name}.weight": values for name, values in block.items()}
    return tensors


def main() -> None:
    """Writes the model, serves it, prints the address."""
    path = Path(sys.argv[1])
    write_model(path)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {MODEL_ALIAS}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_ctx = CONTEXT
    # One slot, so that what its prompt cache holds does not depend on chance.
    parameters.n_parallel = 1
    parameters.endpoint_metrics = True
    parameters.cpuparams.n_threads = 1
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
