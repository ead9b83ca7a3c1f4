"""RNNsearch: Bahdanau, Cho and Bengio, 2014."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Encoder(nn.Module):
    """Every word in its sentence, and what the way back has read at the first."""

    def __init__(self, vocabulary: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width, padding_idx=0)
        self.gru = nn.GRU(width, hidden, batch_first=True, bidirectional=True)

    def forward(self, words: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        x = self.embed(words)
        packed = pack_padded_sequence(
            x, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, (_, back) = self.gru(packed)
        states, _ = pad_packed_sequence(
            states, batch_first=True, total_length=words.shape[1]
        )
        return states, back


class Attention(nn.Module):
    """Additive attention; the keys are the same at each step, so they are made once."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.query = nn.Linear(hidden, hidden)
        self.align = nn.Linear(hidden, 1, bias=False)

    def forward(
        self, state: Tensor, keys: Tensor, values: Tensor, padding: Tensor
    ) -> Tensor:
        h = torch.tanh(self.query(state)[:, None] + keys)
        energy = self.align(h).squeeze(-1)
        shares = energy.masked_fill(padding, -torch.inf).softmax(-1)
        return torch.einsum("ns,nsd->nd", shares, values)


class RNNsearch(nn.Module):
    def __init__(
        self,
        vocabulary: int = 30_000,
        width: int = 620,
        hidden: int = 1000,
        maxout: int = 500,
    ) -> None:
        super().__init__()
        self.encoder = Encoder(vocabulary, width, hidden)
        self.embed = nn.Embedding(vocabulary, width, padding_idx=0)
        self.keys = nn.Linear(2 * hidden, hidden, bias=False)
        self.start = nn.Linear(hidden, hidden)
        self.attention = Attention(hidden)
        self.deep = nn.Linear(3 * hidden + width, 2 * maxout)
        self.cell = nn.GRUCell(width + 2 * hidden, hidden)
        self.head = nn.Linear(maxout, vocabulary)

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        values, back = self.encoder(source, lengths)
        words = self.embed(target)
        keys = self.keys(values)
        padding = source == 0
        state = torch.tanh(self.start(back))
        steps = []
        for word in words.unbind(1):
            context = self.attention(state, keys, values, padding)
            steps.append(self.deep(torch.cat([state, word, context], dim=1)))
            state = self.cell(torch.cat([word, context], dim=1), state)
        deep = torch.stack(steps, dim=1)
        return self.head(deep.unflatten(-1, (-1, 2)).amax(-1))
