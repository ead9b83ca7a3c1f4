"""A line through five points, as an expert would write it for speed.

The update of the four numbers is written out: the first step of any optimizer of torch.optim
imports torch._dynamo, which takes as long as torch itself.
"""

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)

x = torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0]])
y = 2 * x
model = nn.Linear(1, 1)
weights = list(model.parameters())

for _ in range(500):
    loss = F.mse_loss(model(x), y)
    loss.backward()
    with torch.no_grad():
        for weight in weights:
            weight.sub_(weight.grad, alpha=0.01)
            weight.grad = None

print(f"loss {loss.item():.6f}  weight {model.weight.item():.4f}  bias {model.bias.item():.4f}")
