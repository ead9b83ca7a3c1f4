"""Handwritten digits, as tutorials write it; the argument is the epochs."""

import gzip
import os
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset, random_split

FOLDER = Path(os.environ["DLC_DATA_DIR"]) / "mnist"
device = "cuda" if torch.cuda.is_available() else "cpu"


def read(kind: str) -> TensorDataset:
    """Images f32[N, 1, 28, 28] in 0..1 and labels i64[N]."""
    pixels = bytearray(gzip.decompress((FOLDER / f"{kind}-images-idx3-ubyte.gz").read_bytes()))
    digits = bytearray(gzip.decompress((FOLDER / f"{kind}-labels-idx1-ubyte.gz").read_bytes()))
    images = torch.frombuffer(pixels, dtype=torch.uint8, offset=16).view(-1, 1, 28, 28)
    labels = torch.frombuffer(digits, dtype=torch.uint8, offset=8)
    return TensorDataset(images.float() / 255, labels.long())


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.pool = nn.MaxPool2d(2)
        self.hidden = nn.Linear(5408, 128)
        self.output = nn.Linear(128, 10)
        self.relu = nn.ReLU()

    def forward(self, image: Tensor) -> Tensor:
        x = self.pool(self.relu(self.conv(image)))
        x = self.relu(self.hidden(torch.flatten(x, 1)))
        return self.output(x)


def accuracy(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    hits, count = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            hits += (model(images).argmax(1) == labels).sum().item()
            count += len(labels)
    return hits / count


torch.manual_seed(0)
train_set, validation_set = random_split(read("train"), [54_000, 6000])
train_loader = DataLoader(train_set, batch_size=128, shuffle=True)
validation_loader = DataLoader(validation_set, batch_size=128)
test_loader = DataLoader(read("t10k"), batch_size=128)

model = Net().to(device)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    model.train()
    total = 0.0
    for images, labels in train_loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    found = accuracy(model, validation_loader)
    print(
        f"epoch {epoch + 1}  loss {total / len(train_loader):.4f}  validation accuracy {found:.4f}"
    )

print(f"test accuracy {accuracy(model, test_loader):.4f}")
