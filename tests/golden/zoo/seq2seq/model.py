"""The network of seq2seq.dl."""

import torch
from torch import Tensor, nn


class RNNsearch(nn.Module):
    """source token(vocabulary)[N, S], lengths i64[N], target token(vocabulary)[N, T]
    -> scores f32[N, T, vocabulary]

    seq2seq.dl:5
    """

    def __init__(
        self,
        vocabulary: int = 30000,
        width: int = 620,
        hidden: int = 1000,
        maxout: int = 500,
    ) -> None:
        super().__init__()
        self.maxout = maxout
        self.embedding1 = nn.Embedding(vocabulary, width, padding_idx=0)
        self.gru1 = nn.GRU(width, hidden, batch_first=True, bidirectional=True)
        self.embedding2 = nn.Embedding(vocabulary, width, padding_idx=0)
        self.linear1 = nn.Linear(2 * hidden, hidden, bias=False)
        self.linear2 = nn.Linear(hidden, hidden)
        self.query = nn.Linear(hidden, hidden)
        self.align = nn.Linear(hidden, 1, bias=False)
        self.deep = nn.Linear(3 * hidden + width, 2 * maxout)
        self.cell = nn.GRUCell(2 * hidden + width, hidden)
        self.linear3 = nn.Linear(maxout, vocabulary)

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        N, S = source.shape
        T = target.shape[1]
        x = self.embedding1(source)  # (N, S, width)  seq2seq.dl:11
        # (N, S, width)
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        # (N, S, 2*hidden), (2, N, hidden)
        both, last = self.gru1(packed)  # seq2seq.dl:13
        # (N, S, 2*hidden)
        read, _ = nn.utils.rnn.pad_packed_sequence(
            both, batch_first=True, total_length=S
        )
        written = self.embedding2(target)  # (N, T, width)  seq2seq.dl:15
        padding = source == 0  # (N, S)
        keys = self.linear1(read)  # (N, S, hidden)
        state = torch.tanh(self.linear2(last[1]))  # (N, hidden)
        steps = []
        for t in range(T):
            # (N, S, hidden)
            x = torch.tanh(keys + self.query(state)[:, None])  # seq2seq.dl:26
            energy = self.align(x).squeeze(2)  # (N, S)  seq2seq.dl:26
            x = torch.masked_fill(energy, padding, float("-inf"))  # (N, S)
            shares = torch.softmax(x, dim=1)  # (N, S)
            context = (shares[:, None] @ read)[:, 0]  # (N, 2*hidden)
            # (N, 3*hidden + width)
            x = torch.cat([state, written[:, t], context], dim=1)
            x = self.deep(x)  # (N, 2*maxout)  seq2seq.dl:29
            x1 = torch.cat([written[:, t], context], dim=1)  # (N, 2*hidden + width)
            state = self.cell(x1, state)  # (N, hidden)  seq2seq.dl:30
            steps.append(x)
        x = torch.stack(steps, dim=1).reshape(N, T, self.maxout, 2)  # (N, T, maxout, 2)
        h = torch.amax(x, dim=3)  # (N, T, maxout)
        return self.linear3(h)  # (N, T, vocabulary)
