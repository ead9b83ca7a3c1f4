"""The network of sentiment.dl."""

import torch
from torch import Tensor, nn


def keras_init(module: nn.Module) -> None:
    """Initial weights of one module as in Keras."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.uniform_(module.weight, -0.05, 0.05)
    elif isinstance(module, nn.LSTM):
        for name, weight in module.named_parameters():
            if "weight_ih" in name:
                nn.init.xavier_uniform_(weight)
            elif "weight_hh" in name:
                nn.init.orthogonal_(weight)
            else:
                nn.init.zeros_(weight)
            if "bias_ih" in name:
                forget = slice(module.hidden_size, 2 * module.hidden_size)
                nn.init.ones_(weight[forget])


class Sentiment(nn.Module):
    """tokens token(1000)[N, T] -> p f32[N, 1]

    sentiment.dl:12
    """

    def __init__(self) -> None:
        super().__init__()
        self.embedding1 = nn.Embedding(1000, 64)
        self.lstm1 = nn.LSTM(64, 128, batch_first=True)
        self.dropout1 = nn.Dropout()
        self.linear1 = nn.Linear(128, 1)
        self.apply(keras_init)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding1(tokens)  # (N, T, 64)  sentiment.dl:16
        h, _ = self.lstm1(x)  # (N, T, 128)
        return torch.sigmoid(self.linear1(self.dropout1(h[:, -1])))  # (N, 1)
