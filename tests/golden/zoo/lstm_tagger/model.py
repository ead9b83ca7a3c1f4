"""The network of lstm_tagger.dl."""

from torch import Tensor, nn


class Tagger(nn.Module):
    """words token(vocabulary)[N, T], lengths i64[N] -> scores f32[N, T, tags]

    lstm_tagger.dl:4
    """

    def __init__(
        self,
        vocabulary: int = 130000,
        width: int = 50,
        hidden: int = 300,
        tags: int = 45,
    ) -> None:
        super().__init__()
        self.embedding1 = nn.Embedding(vocabulary, width, padding_idx=0)
        self.lstm1 = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.linear1 = nn.Linear(2 * hidden, tags)

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        T = words.shape[1]
        x = self.embedding1(words)  # (N, T, width)  lstm_tagger.dl:8
        # (N, T, width)
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        read, _ = self.lstm1(packed)  # (N, T, 2*hidden)  lstm_tagger.dl:10
        # (N, T, 2*hidden)
        states, _ = nn.utils.rnn.pad_packed_sequence(
            read, batch_first=True, total_length=T
        )
        return self.linear1(states)  # (N, T, tags)
